//! What the team knows of its customers.

use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_actors::{page, view as views};
use switchboard_domain::{ContactId, WorkspaceId, text};
use switchboard_store::contact::{self, Details};
use switchboard_wire::rest::conversation::ChangeContact;
use switchboard_wire::{Problem, view};

use super::auth::Agent;
use super::fields;
use super::problem::{Failure, Result};
use crate::state::App;

/// The longest telephone number as people write them, and the longest remark, in characters.
const PHONE_MAX_CHARS: usize = 40;
const REMARK_MAX_CHARS: usize = 2_000;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/contacts/{id}").route(web::get().to(show)).route(web::patch().to(change)),
    );
}

/// A contact.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}", tag = "conversations",
    params(("id" = ContactId, Path, description = "con_…")),
    responses(
        (status = 200, description = "As it is now", body = view::Contact),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
)]
pub async fn show(
    app: Data<App>,
    agent: Agent,
    id: Path<ContactId>,
) -> Result<Json<view::Contact>> {
    read(&app, agent.workspace, *id).await.map(Json)
}

/// Changes what is known of a contact. What is present is set; an empty text clears.
#[utoipa::path(
    patch, path = "/api/v1/contacts/{id}", tag = "conversations", request_body = ChangeContact,
    params(("id" = ContactId, Path, description = "con_…")),
    responses(
        (status = 200, description = "As it is now", body = view::Contact),
        (status = 400, description = "A value is not allowed", body = Problem),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
)]
pub async fn change(
    app: Data<App>,
    agent: Agent,
    id: Path<ContactId>,
    body: Json<ChangeContact>,
) -> Result<Json<view::Contact>> {
    let changes = Changes::of(body.into_inner())?;
    app.cast.change_contact(agent.workspace, *id, |details| changes.apply(details)).await?;
    // Whether there is such a contact shows here.
    read(&app, agent.workspace, *id).await.map(Json)
}

async fn read(app: &App, workspace: WorkspaceId, id: ContactId) -> Result<view::Contact> {
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.readers.begin(workspace).await?;
    let row = contact::get(&tx, &keys, workspace, id).await?;
    row.map(|row| views::contact(&row)).ok_or_else(|| Failure::not_found("contact"))
}

/// A field of a contact that is set to a value, or to nothing.
type Set = Option<String>;

/// What is to be set, cleaned.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    name: Option<Set>,
    email: Option<Set>,
    phone: Option<Set>,
    remark: Option<Set>,
}

impl Changes {
    fn of(change: ChangeContact) -> Result<Changes> {
        let ChangeContact { name, email, phone, remark } = change;
        Ok(Changes {
            name: set(name, |name| fields::name("name", name))?,
            email: set(email, fields::email)?,
            phone: set(phone, |phone| bounded("phone", phone, PHONE_MAX_CHARS))?,
            remark: set(remark, |remark| bounded("remark", remark, REMARK_MAX_CHARS))?,
        })
    }

    fn apply(self, details: &mut Details) {
        for (field, set) in [
            (&mut details.name, self.name),
            (&mut details.email, self.email),
            (&mut details.phone, self.phone),
            (&mut details.remark, self.remark),
        ] {
            if let Some(value) = set {
                *field = value;
            }
        }
    }
}

fn set(value: Option<String>, read: impl Fn(&str) -> Result<String>) -> Result<Option<Set>> {
    let Some(value) = value.map(|value| text::clean(&value)) else { return Ok(None) };
    if value.is_empty() {
        return Ok(Some(None));
    }
    read(&value).map(|value| Some(Some(value)))
}

fn bounded(field: &str, value: &str, max: usize) -> Result<String> {
    if value.chars().count() <= max {
        return Ok(value.to_owned());
    }
    Err(Failure::field(field, format!("at most {max} characters fit")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn what_is_present_is_set_and_an_empty_text_clears() {
        let mut details = Details {
            name: some("Ana"),
            email: some("ana@example.com"),
            phone: some("1"),
            ..Details::default()
        };
        let change = ChangeContact {
            name: some(" Ana\n María "),
            email: some("  "),
            phone: None,
            remark: some("likes\r\ntea"),
        };
        Changes::of(change).unwrap().apply(&mut details);
        let after = Details {
            name: some("Ana María"),
            email: None,
            phone: some("1"),
            remark: some("likes\ntea"),
            ..Details::default()
        };
        assert_eq!(details, after);
        assert_eq!(Changes::of(ChangeContact::default()), Ok(Changes::default()));
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let check = |field: &str, change: ChangeContact| {
            let refused = Changes::of(change).unwrap_err();
            assert_eq!(refused.problem().field.as_deref(), Some(field));
        };
        let none = ChangeContact::default;
        check("name", ChangeContact { name: some(&"x".repeat(81)), ..none() });
        check("email", ChangeContact { email: some("ana"), ..none() });
        check("phone", ChangeContact { phone: some(&"1".repeat(41)), ..none() });
        check("remark", ChangeContact { remark: some(&"x".repeat(2_001)), ..none() });
    }
}
