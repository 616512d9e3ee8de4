//! Commands of agents and visitors: turned into acts, and brought to their conversations.

use actix::Addr;
use switchboard_domain::person::permits;
use switchboard_domain::{Action, Author, ConversationId, PostKind, WorkspaceId};
use switchboard_wire::Code;
use switchboard_wire::agent::{AgentCommand, Done};
use switchboard_wire::visitor::VisitorCommand;

use crate::conversation::{Act, Conversation, Order, Perform, Typing};
use crate::rejection::Rejection;
use crate::{AgentCall, Cast, VisitorCall, trace};

/// How often a message is brought to an actor that retired on its way.
const DELIVERIES_MAX: u32 = 3;

impl Cast {
    /// Does what an agent's client asks. Ephemeral commands are answered at once.
    pub async fn agent(&self, call: AgentCall, command: AgentCommand) -> Result<Done, Rejection> {
        let author = Author::Agent(call.member);
        let (conversation, order) = match command {
            AgentCommand::Post {
                conversation,
                reference,
                kind,
                text,
                attachments,
                reply_to,
                form,
            } => {
                let order = Order::Post { reference, kind, text, attachments, reply_to, form };
                (conversation, order)
            }
            AgentCommand::Edit { conversation, message, text } => {
                (conversation, Order::Edit { message, text })
            }
            AgentCommand::Delete { conversation, message } => {
                let moderator = permits(call.role, Action::Moderate);
                (conversation, Order::Delete { message, moderator })
            }
            AgentCommand::React { conversation, message, emoji, on } => {
                (conversation, Order::React { message, emoji, on })
            }
            AgentCommand::Mark { conversation, delivered, read } => {
                (conversation, Order::Mark { delivered, read })
            }
            AgentCommand::SetStatus { conversation, status } => {
                (conversation, Order::SetStatus(status))
            }
            AgentCommand::Assign { conversation, member } => (conversation, Order::Assign(member)),
            AgentCommand::Label { conversation, add, remove } => {
                (conversation, Order::Label { add, remove })
            }
            AgentCommand::Typing { conversation, on, note } => {
                self.typing(call.workspace, conversation, Typing { author, on, note });
                return Ok(Done::default());
            }
            AgentCommand::Resend { conversation, message } => {
                (conversation, Order::Resend { message })
            }
            AgentCommand::Watch { .. } | AgentCommand::SetPresence { .. } => {
                let words = "this belongs to a websocket session";
                return Err(Rejection::new(Code::Invalid, words));
            }
        };
        self.act(call.workspace, conversation, Act { author, order, newcomer: None }).await
    }

    /// Does what a visitor's client asks.
    pub async fn visitor(
        &self,
        call: VisitorCall,
        command: VisitorCommand,
    ) -> Result<Done, Rejection> {
        let author = Author::Visitor(call.newcomer.contact);
        let conversation = call.conversation();
        let order = match command {
            VisitorCommand::Post { reference, text, attachments, reply_to } => {
                let (kind, form) = (PostKind::Public, None);
                Order::Post { reference, kind, text, attachments, reply_to, form }
            }
            VisitorCommand::Edit { message, text } => Order::Edit { message, text },
            VisitorCommand::Delete { message } => Order::Delete { message, moderator: false },
            VisitorCommand::React { message, emoji, on } => Order::React { message, emoji, on },
            VisitorCommand::Mark { delivered, read } => Order::Mark { delivered, read },
            VisitorCommand::Typing { on } => {
                let typing = Typing { author, on, note: false };
                self.typing(call.workspace, conversation, typing);
                return Ok(Done::default());
            }
            VisitorCommand::Visit { page } => {
                let contact = call.newcomer.contact;
                self.change_contact(call.workspace, contact, |details| {
                    details.page_url = Some(page.url);
                    details.page_title = page.title;
                })
                .await?;
                return Ok(Done::default());
            }
        };
        let act = Act { author, order, newcomer: Some(call.newcomer) };
        self.act(call.workspace, conversation, act).await
    }

    /// Brings an act to its conversation.
    pub(crate) async fn act(
        &self,
        workspace: WorkspaceId,
        id: ConversationId,
        act: Act,
    ) -> Result<Done, Rejection> {
        for _ in 0..DELIVERIES_MAX {
            let conversation = self.conversation(workspace, id);
            // `send` waits for room in the mailbox. An actor that retired closes it.
            let perform = Perform { act: act.clone(), trace: trace::current() };
            if let Ok(answer) = conversation.send(perform).await {
                return answer;
            }
        }
        Err(Rejection::unavailable())
    }

    fn conversation(&self, workspace: WorkspaceId, id: ConversationId) -> Addr<Conversation> {
        self.shared
            .directory
            .conversation(workspace, id, || Conversation::new(workspace, id, self.shared.clone()))
    }

    fn typing(&self, workspace: WorkspaceId, id: ConversationId, typing: Typing) {
        // Typing that does not fit into the mailbox is not worth waiting for.
        let _ = self.conversation(workspace, id).try_send(typing);
    }
}
