//! The conversations of the demo, said by the cast as visitors and agents would say them.

use jiff::SignedDuration;
use switchboard_actors::conversation::Newcomer;
use switchboard_actors::{AgentCall, VisitorCall};
use switchboard_domain::{
    ContactId, ConversationId, LabelId, MemberId, MessageId, PostKind, Role, Status, WorkspaceId,
};
use switchboard_store::contact::Details;
use switchboard_store::label::{self, Label};
use switchboard_wire::agent::AgentCommand;
use switchboard_wire::visitor::VisitorCommand;
use uuid::Uuid;

use crate::clock;
use crate::state::App;

const LABELS: [(&str, &str); 4] =
    [("Order", "#2f7d4f"), ("Return", "#b4542d"), ("Question", "#2f5bea"), ("VIP", "#8a4bb8")];

/// Whoever says something in a story.
enum Say {
    Visitor(&'static str),
    Ana(&'static str),
    Ben(&'static str),
    /// A note of Ben's to his colleagues.
    Note(&'static str),
}

/// One visitor and what was said.
struct Story {
    name: Option<&'static str>,
    email: Option<&'static str>,
    locale: &'static str,
    browser: &'static str,
    page: &'static str,
    title: &'static str,
    lines: &'static [Say],
    label: Option<&'static str>,
    end: End,
}

/// How a story stands.
enum End {
    Unanswered,
    Ana,
    Ben,
    Snoozed,
    Resolved,
}

const STORIES: [Story; 5] = [
    Story {
        name: Some("Lucía Fernández"),
        email: Some("lucia@mail.example"),
        locale: "es",
        browser: "Safari on iPhone",
        page: "https://kiln.example/orders/10482",
        title: "Your order – Kiln & Clay",
        lines: &[
            Say::Visitor("Hola! My vase arrived today but the rim has a chip 😕"),
            Say::Ana("Hi Lucía, oh no, sorry to hear that! Could you tell me the order number?"),
            Say::Visitor("Sure, it's 10482"),
            Say::Note("Third chip this week with the new carton – worth telling packing."),
            Say::Ana(
                "Thank you. A new one leaves us this afternoon, wrapped twice. Keep the chipped \
                 one for a plant, if you like.",
            ),
            Say::Visitor("That was quick, muchas gracias! ❤️"),
        ],
        label: Some("Return"),
        end: End::Resolved,
    },
    Story {
        name: Some("Tom Becker"),
        email: Some("tom.becker@mail.example"),
        locale: "de",
        browser: "Firefox on Windows",
        page: "https://kiln.example/mugs",
        title: "Mugs – Kiln & Clay",
        lines: &[
            Say::Visitor("Do the mugs survive the dishwasher every day?"),
            Say::Ben("They do! Fired at 1240 °C, they are fine there and in the microwave."),
            Say::Visitor("And the ones with the gold rim?"),
            Say::Note("Gold can go in the dishwasher but will fade, right? @Ana please confirm."),
        ],
        label: Some("Question"),
        end: End::Ben,
    },
    Story {
        name: Some("Priya Nair"),
        email: Some("priya@studio.example"),
        locale: "en-IN",
        browser: "Chrome on macOS",
        page: "https://kiln.example/business",
        title: "For cafés and offices – Kiln & Clay",
        lines: &[
            Say::Visitor("We'd like 40 mugs with our logo for a new café. Possible by May?"),
            Say::Ana("With pleasure, we do that a lot. I'll come back with a quote by Thursday."),
            Say::Visitor("Perfect, talk then."),
        ],
        label: Some("VIP"),
        end: End::Snoozed,
    },
    Story {
        name: None,
        email: None,
        locale: "fr",
        browser: "Chrome on Android",
        page: "https://kiln.example/shipping",
        title: "Shipping – Kiln & Clay",
        lines: &[
            Say::Visitor("Hello, do you ship to Réunion? 🇷🇪"),
            Say::Visitor("And roughly how long does it take?"),
        ],
        label: None,
        end: End::Unanswered,
    },
    Story {
        name: Some("Maya Chen"),
        email: None,
        locale: "en",
        browser: "Edge on Windows",
        page: "https://kiln.example/cart",
        title: "Your basket – Kiln & Clay",
        lines: &[
            Say::Visitor("Hi! The code AUTUMN15 isn't accepted at checkout."),
            Say::Ana("Hi Maya! It starts working at noon today – sorry, our newsletter was early."),
            Say::Visitor("Ah, that explains it. I'll wait then, thanks!"),
        ],
        label: Some("Order"),
        end: End::Ana,
    },
];

/// Plays all stories into an empty workspace.
pub async fn tell(
    app: &App,
    workspace: WorkspaceId,
    ana: MemberId,
    ben: MemberId,
) -> anyhow::Result<()> {
    let labels = labels(app, workspace).await?;
    for story in &STORIES {
        let stage = Stage { app, workspace, ana, ben };
        stage.play(story, &labels).await?;
    }
    Ok(())
}

async fn labels(app: &App, workspace: WorkspaceId) -> anyhow::Result<Vec<Label>> {
    let tx = app.store.writers.begin(workspace).await?;
    let existing = label::list(&tx, workspace).await?;
    if !existing.is_empty() {
        return Ok(existing);
    }
    let mut made = Vec::new();
    for (name, color) in LABELS {
        let id = LabelId(Uuid::now_v7());
        let label = Label { id, name: name.to_owned(), color: color.to_owned() };
        label::insert(&tx, workspace, &label, clock::now()).await?;
        made.push(label);
    }
    tx.commit().await?;
    Ok(made)
}

struct Stage<'a> {
    app: &'a App,
    workspace: WorkspaceId,
    ana: MemberId,
    ben: MemberId,
}

impl Stage<'_> {
    async fn play(&self, story: &Story, labels: &[Label]) -> anyhow::Result<()> {
        let call = self.visitor(story);
        let id = call.conversation();
        let mut last = None;
        for line in story.lines {
            last = self.say(&call, id, line).await?.or(last);
        }
        if let Some(label) = labels.iter().find(|label| Some(label.name.as_str()) == story.label) {
            let (add, remove) = (vec![label.id], vec![]);
            self.order(self.ana, AgentCommand::Label { conversation: id, add, remove }).await?;
        }
        self.end(story, id, last).await
    }

    fn visitor(&self, story: &Story) -> VisitorCall {
        let text = |text: &'static str| Some(text.to_owned());
        let details = Details {
            name: story.name.and_then(text),
            email: story.email.and_then(text),
            locale: text(story.locale),
            page_url: text(story.page),
            page_title: text(story.title),
            browser: text(story.browser),
            ..Details::default()
        };
        let contact = ContactId(Uuid::now_v7());
        VisitorCall {
            workspace: self.workspace,
            newcomer: Newcomer { contact, details, user_id: None },
        }
    }

    /// Says one line, having read the ones before. The visitor's message, if it is one.
    async fn say(
        &self,
        call: &VisitorCall,
        conversation: ConversationId,
        line: &Say,
    ) -> anyhow::Result<Option<MessageId>> {
        let (member, kind, text) = match *line {
            Say::Visitor(text) => {
                let post = VisitorCommand::Post {
                    reference: Uuid::new_v4().to_string(),
                    text: text.to_owned(),
                    attachments: vec![],
                    reply_to: None,
                };
                let done = self.app.cast.visitor(call.clone(), post).await?;
                if let Some(n) = done.n {
                    let mark = VisitorCommand::Mark { delivered: n, read: n };
                    self.app.cast.visitor(call.clone(), mark).await?;
                }
                return Ok(done.message);
            }
            Say::Ana(text) => (self.ana, PostKind::Public, text),
            Say::Ben(text) => (self.ben, PostKind::Public, text),
            Say::Note(text) => (self.ben, PostKind::Note, text),
        };
        let post = AgentCommand::Post {
            conversation,
            reference: Uuid::new_v4().to_string(),
            kind,
            text: text.to_owned(),
            attachments: vec![],
            reply_to: None,
            form: None,
        };
        let done = self.order(member, post).await?;
        if let Some(n) = done.n {
            let mark = AgentCommand::Mark { conversation, delivered: n, read: n };
            self.order(member, mark).await?;
        }
        Ok(None)
    }

    async fn end(
        &self,
        story: &Story,
        conversation: ConversationId,
        last: Option<MessageId>,
    ) -> anyhow::Result<()> {
        let assign = |member| AgentCommand::Assign { conversation, member: Some(member) };
        let set = |status| AgentCommand::SetStatus { conversation, status };
        match story.end {
            End::Unanswered => return Ok(()),
            End::Ben => self.order(self.ben, assign(self.ben)).await?,
            End::Ana => self.order(self.ana, assign(self.ana)).await?,
            End::Snoozed => {
                self.order(self.ana, assign(self.ana)).await?;
                let until = clock::now() + SignedDuration::from_hours(48);
                self.order(self.ana, set(Status::Snoozed { until })).await?
            }
            End::Resolved => {
                self.order(self.ana, assign(self.ana)).await?;
                if let Some(message) = last {
                    let emoji = "🙌".to_owned();
                    let react = AgentCommand::React { conversation, message, emoji, on: true };
                    self.order(self.ana, react).await?;
                }
                self.order(self.ana, set(Status::Resolved)).await?
            }
        };
        let read = AgentCommand::Mark { conversation, delivered: 1_000, read: 1_000 };
        self.order(self.ana, read).await?;
        Ok(())
    }

    async fn order(
        &self,
        member: MemberId,
        command: AgentCommand,
    ) -> anyhow::Result<switchboard_wire::agent::Done> {
        let role = if member == self.ana { Role::Owner } else { Role::Agent };
        let call = AgentCall { workspace: self.workspace, member, role };
        Ok(self.app.cast.agent(call, command).await?)
    }
}
