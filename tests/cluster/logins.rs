//! A login that has ended has ended at every node, also when nobody could say so.

use serde_json::json;

use crate::support::Agent;
use crate::support::nodes::Nodes;

#[tokio::test]
async fn who_is_taken_off_the_team_while_redis_is_away_is_put_out_all_the_same() {
    let mut nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let ana = Agent::sign_up(&one.world, "Ana").await;
    let ben = ana.colleague(&one.world, "Ben", "agent").await;
    let cem = ana.colleague(&one.world, "Cem", "agent").await;
    let mut socket_of_ben = ben.at(&other.world).connect(&other.world).await;
    let mut socket_of_cem = cem.at(&other.world).connect(&other.world).await;
    let mut socket_of_ana = ana.at(&other.world).connect(&other.world).await;
    nodes.redis.kill();
    other.says("redis: away").await;
    ana.delete(&format!("/members/{}", ben.id())).await.ok();
    ana.patch(&format!("/members/{}", cem.id()), json!({"role": "admin"})).await.ok();
    assert_eq!(socket_of_ben.closed().await.code, Some(4012));
    // Whose role is another comes back as who they are by now.
    assert_eq!(socket_of_cem.closed().await.code, Some(4000));
    // And nobody else is disturbed.
    socket_of_ana.until_beat().await;
}

#[tokio::test]
async fn who_signs_out_at_one_node_is_signed_out_at_another() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let ana = Agent::sign_up(&one.world, "Ana").await;
    let there = ana.at(&other.world);
    let mut socket = there.connect(&other.world).await;
    ana.post("/sign-out", json!({})).await;
    assert_eq!(socket.closed().await.code, Some(4012));
    assert_eq!(there.get("/me").await.status, 401);
}
