//! Tenants never meet: the catalogue is walked, and the policies are tried.

use serde_json::json;

use crate::support::socket::say;
use crate::support::{Agent, Visitor, World, database};

/// Tables that hold nothing of anyone.
const NOT_OURS: [&str; 1] = ["refinery_schema_history"];

#[tokio::test]
async fn every_table_has_forced_row_level_security_and_a_policy() {
    let url = database::fresh().await;
    let client = database::superuser(&url).await;
    let tables = client
        .query(
            "select c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
                    (select count(*) from pg_policy p where p.polrelid = c.oid),
                    has_table_privilege('switchboard_app', c.oid, 'select')
             from pg_class c
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')",
            &[],
        )
        .await
        .unwrap();
    assert!(tables.len() > 10);
    for table in tables {
        let name: String = table.get(0);
        if NOT_OURS.contains(&name.as_str()) {
            assert!(!table.get::<_, bool>(5), "{name} is open to the application");
            continue;
        }
        assert!(table.get::<_, bool>(1), "{name} has no row-level security");
        assert!(table.get::<_, bool>(2), "{name} does not force it on its owner");
        // A partition without a policy shows nothing to anyone who asks it directly.
        let policies: i64 = table.get(4);
        assert!(policies > 0 || table.get::<_, bool>(3), "{name} has no policy");
    }
}

#[tokio::test]
async fn the_application_can_neither_bypass_policies_nor_own_tables() {
    let url = database::fresh().await;
    let client = database::superuser(&url).await;
    for role in ["switchboard_app", "switchboard_lookup"] {
        let row = client
            .query_one(
                "select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb,
                   (select count(*) from pg_class where relowner = r.oid)
                 from pg_roles r where rolname = $1",
                &[&role],
            )
            .await
            .unwrap();
        for column in 0..5 {
            assert!(!row.get::<_, bool>(column), "{role} has a right it must not have");
        }
        assert_eq!(row.get::<_, i64>(5), 0, "{role} owns a table");
    }
    let definers = client
        .query(
            "select p.proname, pg_get_userbyid(p.proowner), p.proconfig::text,
                    has_function_privilege('public', p.oid, 'execute')
             from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef",
            &[],
        )
        .await
        .unwrap();
    assert!(!definers.is_empty());
    for function in definers {
        let name: String = function.get(0);
        assert_eq!(function.get::<_, String>(1), "switchboard_lookup", "{name}");
        let config: Option<String> = function.get(2);
        assert!(config.unwrap_or_default().contains("search_path"), "{name}");
        assert!(!function.get::<_, bool>(3), "{name} is open to everyone");
    }
}

/// In the name of one workspace every tenant table is read and written as if for another.
#[tokio::test]
async fn a_workspace_sees_and_touches_nothing_of_another() {
    let world = World::start().await;
    let (ana, ben) = (Agent::sign_up(&world, "Ana").await, Agent::sign_up(&world, "Ben").await);
    for owner in [&ana, &ben] {
        let visitor = Visitor::boot(&world, &owner.widget_key().await).await;
        visitor.connect(&world).await.done(say("secret")).await;
        owner.post("/labels", json!({"name": "vip", "color": "#aa0000"})).await.ok();
        owner.post("/invitations", json!({"email": "x@y.example", "role": "agent"})).await.ok();
        owner.post("/tokens", json!({"name": "bot"})).await.ok();
    }
    let mut client = database::superuser(&world.database).await;
    let tables: Vec<String> = client
        .query(
            "select c.relname::text from pg_class c
             join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
               and has_table_privilege('switchboard_app', c.oid, 'select')",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let workspaces = client.query("select id from workspaces order by name", &[]).await.unwrap();
    let (a, b): (uuid::Uuid, uuid::Uuid) = (workspaces[0].get(0), workspaces[1].get(0));
    for table in tables.iter().filter(|table| *table != "user_sessions") {
        let tx = client.transaction().await.unwrap();
        tx.batch_execute("set local role switchboard_app").await.unwrap();
        let set = "select set_config('app.workspace', $1, true)";
        tx.execute(set, &[&a.to_string()]).await.unwrap();
        let count = format!("select count(*) from {table} where workspace_id = $1");
        let foreign: i64 = tx.query_one(&count, &[&b]).await.unwrap().get(0);
        assert_eq!(foreign, 0, "{table} shows another workspace's rows");
        let delete = format!("delete from {table} where workspace_id = $1");
        assert_eq!(tx.execute(&delete, &[&b]).await.unwrap(), 0, "{table}");
        tx.rollback().await.unwrap();

        // And without a workspace there is nothing at all.
        let tx = client.transaction().await.unwrap();
        tx.batch_execute("set local role switchboard_app").await.unwrap();
        let all: i64 =
            tx.query_one(&format!("select count(*) from {table}"), &[]).await.unwrap().get(0);
        assert_eq!(all, 0, "{table} shows rows to nobody in particular");
    }
    world.stop().await;
}

#[tokio::test]
async fn an_agent_cannot_reach_a_foreign_conversation_over_the_socket() {
    let world = World::start().await;
    let (ana, ben) = (Agent::sign_up(&world, "Ana").await, Agent::sign_up(&world, "Ben").await);
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let said = visitor.connect(&world).await.done(say("secret")).await;
    let conversation = visitor.conversation();
    let mut socket = ben.connect(&world).await;
    let message = &said["message"];
    for command in [
        crate::support::socket::reply(&conversation, "public", "hi"),
        json!({"type": "edit", "conversation": conversation, "message": message, "text": "x"}),
        json!({"type": "delete", "conversation": conversation, "message": message}),
        json!({"type": "react", "conversation": conversation, "message": message,
            "emoji": "👍", "on": true}),
        json!({"type": "mark", "conversation": conversation, "read": 1}),
        json!({"type": "set_status", "conversation": conversation, "status": {"state": "resolved"}}),
        json!({"type": "assign", "conversation": conversation, "member": ben.id()}),
        json!({"type": "label", "conversation": conversation, "add": []}),
    ] {
        let answer = socket.ask(command.clone()).await;
        assert_eq!(answer["code"], "not_found", "{command} {answer}");
    }
    world.stop().await;
}
