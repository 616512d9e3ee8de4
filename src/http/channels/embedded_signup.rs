//! WhatsApp's Embedded Signup: a window of Meta's in which a business brings or makes its number.
//!
//! The window is opened by a script of Meta's, on a page of ours that is apart from the console
//! (`console/src/signup`). Signing in leads there with a state that only its own session can use.
//! The page posts what the window gave: a code, which is exchanged at once, and ids, which are
//! believed only as far as the platform says the same. Then it goes on as after any sign-in.

use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_channels::meta::query;
use switchboard_domain::{AccountKind, Action};
use switchboard_wire::rest::channels::{EmbeddedSignup, FinishEmbeddedSignup, SignInAt};
use switchboard_wire::{Code, Problem};

use super::super::auth::{Agent, Via};
use super::super::pages::EMBEDDED_SIGNUP;
use super::super::problem::{Failure, Result};
use super::accounts::{ID_MAX_BYTES, TOKEN_MAX_BYTES, pasted};
use super::assets::{self, Asset};
use super::callbacks::{at_console, settle};
use super::tickets::{self, Signup};
use crate::clock;
use crate::state::App;

const KIND: AccountKind = AccountKind::WhatsappNumber;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/channels/embedded-signup/{state}")
            .route(web::get().to(window))
            .route(web::post().to(finish)),
    );
}

/// Where to send the browser for it.
pub(super) fn address(app: &App, agent: &Agent, choose: bool) -> String {
    let state = tickets::seal(&app.store.master, agent, Signup { choose }, clock::now());
    query::address(&format!("{}{EMBEDDED_SIGNUP}", app.public_url), &[("state", &state)])
}

/// What the page needs that opens WhatsApp's window.
#[utoipa::path(
    get, path = "/api/v1/channels/embedded-signup/{state}", tag = "channels",
    params(("state" = String, Path, description = "From the address of the page")),
    responses(
        (status = 200, description = "How the window is opened", body = EmbeddedSignup),
        (status = 404, description = "It is not yours, or too old", body = Problem),
    ),
)]
pub async fn window(
    app: Data<App>,
    agent: Agent,
    state: Path<String>,
) -> Result<Json<EmbeddedSignup>> {
    begun(&app, &agent, &state)?;
    let meta = assets::meta(&app)?;
    let missing = "this server has no Embedded Signup; whoever runs it sets \
                   SWITCHBOARD_META_EMBEDDED_SIGNUP_ID";
    let config_id = meta.embedded_signup.clone();
    let providers = &app.config.providers;
    Ok(Json(EmbeddedSignup {
        app_id: meta.app_id.clone(),
        config_id: config_id.ok_or_else(|| Failure::new(Code::Refused, missing))?,
        graph_version: providers.graph_version.clone(),
        sdk_url: format!("{}/en_US/sdk.js", providers.facebook_sdk),
        facebook_url: providers.facebook_sign_in.clone(),
    }))
}

/// Connects what was brought in WhatsApp's window. The code holds for half a minute.
#[utoipa::path(
    post, path = "/api/v1/channels/embedded-signup/{state}", tag = "channels",
    request_body = FinishEmbeddedSignup,
    params(("state" = String, Path, description = "From the address of the page")),
    responses(
        (status = 200, description = "Where the console says what became of it", body = SignInAt),
        (status = 400, description = "A value is not allowed", body = Problem),
        (status = 404, description = "It is not yours, or too old", body = Problem),
        (status = 422, description = "The platform does not let us", body = Problem),
    ),
)]
pub async fn finish(
    app: Data<App>,
    agent: Agent,
    state: Path<String>,
    body: Json<FinishEmbeddedSignup>,
) -> Result<Json<SignInAt>> {
    let Signup { choose } = begun(&app, &agent, &state)?;
    let FinishEmbeddedSignup { code, waba_id, phone_number_id, coexistence } = body.into_inner();
    let code = pasted("code", code, TOKEN_MAX_BYTES)?;
    let id = |field: &str, given: Option<String>| {
        given.map(|id| pasted(field, id, ID_MAX_BYTES)).transpose()
    };
    let waba = id("waba_id", waba_id)?;
    let named = id("phone_number_id", phone_number_id)?;

    let mut granted = assets::exchange(&app, KIND, None, &code).await?;
    granted.waba = waba;
    let found = chosen(assets::list(&app, &granted).await?, named.as_deref(), coexistence)?;
    let outcome = settle(&app, &agent, granted, found, choose).await;
    Ok(Json(SignInAt { url: at_console(outcome) }))
}

/// What was begun in this session, by a person at a browser who may do so still.
fn begun(app: &App, agent: &Agent, state: &str) -> Result<Signup> {
    agent.require(Action::ManageChannels)?;
    let signup = tickets::open(&app.store.master, agent, state, clock::now());
    let signup = signup.filter(|_| agent.via == Via::Cookie);
    signup.ok_or_else(|| Failure::not_found("sign-in; go back to the channels and begin again"))
}

/// Of the numbers that were granted, those to connect: the one that the browser names, or all.
fn chosen(mut found: Vec<Asset>, named: Option<&str>, coexistence: bool) -> Result<Vec<Asset>> {
    let refused = |words| Err(Failure::new(Code::Refused, words));
    if let Some(named) = named {
        found.retain(|asset| asset.choice.id == named);
        if found.is_empty() {
            return refused(
                "the number that was chosen does not belong to the WhatsApp Business Account that \
                 was shared; press the button again, and choose both",
            );
        }
    }
    if found.is_empty() {
        return refused(
            "the WhatsApp Business Account has no number yet; press the button again and add one, \
             or add it in WhatsApp Manager first",
        );
    }
    if coexistence {
        // The browser may not have said which number it is; the platform may not know it yet.
        if found.iter().any(|asset| asset.on_phone) {
            found.retain(|asset| asset.on_phone);
        } else if let [only] = found.as_mut_slice() {
            (only.on_phone, only.register) = (true, false);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use switchboard_channels::account::Credentials;
    use switchboard_wire::rest::channels::SignInChoice;

    use super::*;

    fn number(id: &str, on_phone: bool) -> Asset {
        Asset {
            choice: SignInChoice { id: id.to_owned(), name: id.to_owned(), handle: None },
            credentials: Credentials {
                kind: KIND,
                id: id.to_owned(),
                other_id: None,
                parent: Some("310".to_owned()),
                token: "secret".to_owned(),
                token_expires_at: None,
                token_given_at: None,
                connected_by: None,
                hook_secret: None,
                pin: None,
            },
            register: !on_phone,
            on_phone,
        }
    }

    #[test]
    fn the_number_that_was_named_is_connected_if_it_was_granted() {
        let of = |named, coexistence, found: Vec<Asset>| {
            let chosen = chosen(found, named, coexistence).ok()?;
            let told = |asset: &Asset| (asset.choice.id.clone(), asset.register, asset.on_phone);
            Some(chosen.iter().map(told).collect::<Vec<_>>())
        };
        let one = |id: &str, register, on_phone| Some(vec![(id.to_owned(), register, on_phone)]);
        let two = || vec![number("1", false), number("2", true)];
        assert_eq!(of(Some("1"), false, two()), one("1", true, false));
        assert_eq!(of(Some("9"), false, two()), None);
        assert_eq!(of(None, false, vec![]), None);
        assert_eq!(of(None, false, two()).map(|all| all.len()), Some(2));
        assert_eq!(of(None, true, two()), one("2", false, true));
        assert_eq!(of(None, true, vec![number("1", false)]), one("1", false, true));
    }
}
