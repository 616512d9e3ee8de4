//! Who is at the other end of a websocket, and what they may say: the agent's protocol and the
//! visitor's, each in its own types.

use actix_web::web::Data;
use switchboard_actors::workspace::{Audience, SetPresence, Watch};
use switchboard_actors::{AgentCall, Cast, Login, Rejection, VisitorCall};
use switchboard_domain::{Presence, Seq, SessionId, WorkspaceId};
use switchboard_wire::agent::{AgentCommand, AgentHello, AgentRequest, Done};
use switchboard_wire::visitor::{Page, VisitorCommand, VisitorHello, VisitorRequest};
use switchboard_wire::{CloseCode, Code};

use crate::http::admission::{self, Visitor};
use crate::http::auth::{self, Agent};
use crate::http::problem::Failure;
use crate::state::App;

/// What is known of a socket before it has said `hello`.
#[derive(Debug, Clone)]
pub enum Door {
    /// `/ws/agent`: whom the cookie or header of the upgrade speaks for, if there was one.
    Agent(Option<Result<Box<Agent>, CloseCode>>),
    /// `/ws/visitor`: the page's origin and the browser.
    Visitor { origin: Option<String>, user_agent: Option<String> },
}

/// What a `hello` asks for.
#[derive(Debug, Clone, Default)]
pub struct Greeting {
    token: Option<String>,
    page: Option<Page>,
    pub resume: Option<(String, Seq)>,
}

/// Who is at the other end.
#[derive(Debug, Clone)]
pub enum Peer {
    Agent { call: AgentCall, login: Login },
    Visitor { call: Box<VisitorCall>, visitor: Box<Visitor>, user_agent: Option<String> },
}

/// A command with the number by which it is answered.
#[derive(Debug)]
pub struct Asked {
    pub id: u32,
    pub command: Asking,
}

#[derive(Debug)]
pub enum Asking {
    Agent(AgentCommand),
    Visitor(VisitorCommand),
}

/// A frame that could not be understood, with its `id` where that could be read.
#[derive(Debug)]
pub struct Garbled {
    pub id: Option<u32>,
    pub message: String,
}

impl Garbled {
    fn new(text: &str, error: &serde_json::Error) -> Garbled {
        #[derive(serde::Deserialize)]
        struct Numbered {
            id: u32,
        }
        let id = serde_json::from_str::<Numbered>(text).ok().map(|numbered| numbered.id);
        Garbled { id, message: format!("this frame could not be understood: {error}") }
    }
}

impl Door {
    pub fn greeting(&self, text: &str) -> Result<Greeting, Garbled> {
        let garbled = |error| Garbled::new(text, &error);
        let (token, epoch, after, page) = match self {
            Door::Agent(_) => {
                let AgentHello::Hello { token, epoch, after } =
                    serde_json::from_str(text).map_err(garbled)?;
                (token, epoch, after, None)
            }
            Door::Visitor { .. } => {
                let VisitorHello::Hello { token, epoch, after, page } =
                    serde_json::from_str(text).map_err(garbled)?;
                (Some(token), epoch, after, page)
            }
        };
        Ok(Greeting { token, page, resume: epoch.zip(after) })
    }

    /// Finds out who greets.
    pub async fn open(self, app: Data<App>, greeting: Greeting) -> Result<Peer, CloseCode> {
        match self {
            Door::Agent(known) => {
                let agent = match (greeting.token, known) {
                    (Some(token), _) => {
                        auth::agent_of_token(&app, &token).await.map_err(|f| close_code(&f))?
                    }
                    (None, Some(known)) => *known?,
                    (None, None) => return Err(CloseCode::Unauthenticated),
                };
                Ok(agent_peer(&agent))
            }
            Door::Visitor { origin, user_agent } => {
                let token = greeting.token.unwrap_or_default();
                let visitor = admission::admit(&app, &token, origin.as_deref())
                    .await
                    .map_err(|failure| close_code(&failure))?;
                let call = Box::new(visitor.call(user_agent.as_deref(), greeting.page));
                Ok(Peer::Visitor { call, visitor: Box::new(visitor), user_agent })
            }
        }
    }
}

fn agent_peer(agent: &Agent) -> Peer {
    Peer::Agent {
        call: AgentCall { workspace: agent.workspace, member: agent.member, role: agent.role },
        login: Login {
            user: agent.user,
            workspace: agent.workspace,
            member: agent.member,
            role: agent.role,
            credential: agent.credential,
        },
    }
}

/// The close code for a refusal at the door.
pub fn close_code(failure: &Failure) -> CloseCode {
    match failure.code() {
        Code::Unauthenticated => CloseCode::Unauthenticated,
        Code::Forbidden => CloseCode::Forbidden,
        Code::RateLimited => CloseCode::TooMany,
        _ => CloseCode::Unavailable,
    }
}

impl Peer {
    pub fn workspace(&self) -> WorkspaceId {
        match self {
            Peer::Agent { call, .. } => call.workspace,
            Peer::Visitor { call, .. } => call.workspace,
        }
    }

    pub fn audience(&self) -> Audience {
        match self {
            Peer::Agent { call, .. } => Audience::Agent(call.member),
            Peer::Visitor { call, .. } => Audience::Visitor(call.newcomer.contact),
        }
    }

    pub fn asked(&self, text: &str) -> Result<Asked, Garbled> {
        let garbled = |error| Garbled::new(text, &error);
        Ok(match self {
            Peer::Agent { .. } => {
                let AgentRequest { id, command } = serde_json::from_str(text).map_err(garbled)?;
                Asked { id, command: Asking::Agent(command) }
            }
            Peer::Visitor { .. } => {
                let VisitorRequest { id, command } = serde_json::from_str(text).map_err(garbled)?;
                Asked { id, command: Asking::Visitor(command) }
            }
        })
    }

    /// Takes up what concerns the session itself, before the command is done.
    pub fn note(&mut self, asking: &mut Asking) {
        if let Peer::Visitor { call, visitor, user_agent } = self
            && let Asking::Visitor(VisitorCommand::Visit { page }) = asking
        {
            **call = visitor.call(user_agent.as_deref(), Some(page.clone()));
            let details = &call.newcomer.details;
            page.url = details.page_url.clone().unwrap_or_default();
            page.title = details.page_title.clone();
        }
    }

    /// Does what is asked. Answered after it is durable.
    pub async fn act(
        self,
        cast: Cast,
        session: SessionId,
        asking: Asking,
    ) -> Result<Done, Rejection> {
        match (self, asking) {
            (Peer::Agent { call, .. }, Asking::Agent(AgentCommand::Watch { conversation })) => {
                cast.watch(call.workspace, Watch { session, conversation });
                Ok(Done::default())
            }
            (Peer::Agent { call, .. }, Asking::Agent(AgentCommand::SetPresence { presence })) => {
                if presence == Presence::Offline {
                    let words = "offline is said by closing the connection";
                    return Err(Rejection::new(Code::Invalid, words));
                }
                cast.set_presence(call.workspace, SetPresence { session, presence });
                Ok(Done::default())
            }
            (Peer::Agent { call, .. }, Asking::Agent(command)) => cast.agent(call, command).await,
            (Peer::Visitor { call, .. }, Asking::Visitor(command)) => {
                cast.visitor(*call, command).await
            }
            (_, _) => Err(Rejection::new(Code::Invalid, "this command is for the other socket")),
        }
    }
}
