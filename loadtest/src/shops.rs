//! Businesses with accounts on a platform: a server that takes a sandbox for the platforms, and
//! workspaces there that have connected accounts of the sandbox.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use switchboard_domain::AccountId;
use switchboard_sandbox::world::Platform;
use switchboard_sandbox::{Config, Sandbox};
use switchboard_wire::rest::channels::{Account, ConnectAccount};

use crate::bench::Plan;
use crate::hook::Hook;
use crate::http::Owner;
use crate::server::{Place, Server, free_address};

/// How many, and where.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    pub platform: Platform,
    pub workspaces: usize,
    /// Accounts of each workspace.
    pub accounts: usize,
    /// Customers of each account, none of whom has written.
    pub people: usize,
}

/// What is measured, with all that belongs to it.
pub struct Shops {
    pub sandbox: Sandbox,
    pub place: Place,
    pub server: Server,
    /// The owners of the workspaces.
    pub owners: Vec<Owner>,
    /// Those of the first workspace, then those of the second, and so on.
    pub shops: Vec<Shop>,
    pub secret: String,
}

/// A connected account.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Which of the owners has it.
    pub owner: usize,
    /// What the platform calls it.
    pub number: String,
    pub id: AccountId,
    /// The sandbox's names of its customers' phones.
    pub phones: Vec<String>,
}

impl Shops {
    pub async fn open(plan: &Plan, opening: Opening) -> Result<Shops> {
        Shops::open_with(&plan.server, opening, None).await
    }

    /// The same for a server that is to hear of others by a Redis.
    pub async fn open_with(program: &Path, opening: Opening, redis: Option<&str>) -> Result<Shops> {
        let address = free_address()?;
        let config = Config { meta_hook_base: format!("http://{address}"), ..Config::default() };
        let secret = config.app_secret.clone();
        let sandbox = Sandbox::start(config).await?;
        let mut place = Place::with_platforms(program, &sandbox.url())?;
        if let Some(redis) = redis {
            place.share(redis);
        }
        let server = place.serve_at(address, None).await?;
        let mut open = Shops { sandbox, place, server, owners: vec![], shops: vec![], secret };
        for nth in 0..opening.workspaces {
            open.owners.push(Owner::sign_up(&open.server, &format!("shops-{nth}")).await?);
            for _ in 0..opening.accounts {
                let made = open.account(opening).await?;
                let shop = open.connect(nth, opening.platform, made).await?;
                open.shops.push(shop);
            }
        }
        Ok(open)
    }

    /// What posts webhooks to the server, signed as the sandbox signs them.
    pub fn hook(&self) -> Result<Hook> {
        Hook::new(&self.server.url(""), &self.secret)
    }

    /// The sandbox's new account, with its customers.
    async fn account(&self, opening: Opening) -> Result<Value> {
        let url = format!("{}/control/accounts", self.sandbox.url());
        let body = json!({"platform": opening.platform, "people": opening.people});
        let answer = reqwest::Client::new().post(url).json(&body).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn connect(&self, owner: usize, platform: Platform, made: Value) -> Result<Shop> {
        let text = |name: &str| {
            let found = made["account"][name].as_str().map(str::to_owned);
            found.with_context(|| format!("the sandbox said {made}"))
        };
        let (number, token) = (text("id")?, text("token")?);
        let account = match platform {
            Platform::Whatsapp => ConnectAccount::WhatsappNumber {
                phone_number_id: number.clone(),
                business_account_id: text("owner")?,
                token,
            },
            Platform::Messenger => ConnectAccount::FacebookPage { page_id: number.clone(), token },
            Platform::Instagram => ConnectAccount::InstagramLogin { token },
            Platform::Telegram => ConnectAccount::TelegramBot { token },
        };
        let account: Account = self.owners[owner].post("/channels/accounts", &account).await?;
        let phones = made["phones"].as_array().into_iter().flatten();
        let phones = phones.filter_map(|phone| Some(phone["id"].as_str()?.to_owned())).collect();
        Ok(Shop { owner, number, id: account.id, phones })
    }

    pub async fn close(self) -> Result<()> {
        self.server.stop().await?;
        self.sandbox.stop().await;
        Ok(())
    }
}
