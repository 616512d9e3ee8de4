//! An agent who writes to many conversations, without waiting for one answer after another.

use anyhow::{Result, bail};
use switchboard_domain::{ConversationId, PostKind};
use switchboard_wire::agent::{AgentCommand, AgentRequest};

use crate::client::{Socket, peek};
use crate::http::Owner;
use crate::server::Server;

/// Messages that are written before the first of them is acknowledged.
const PIPELINED: u32 = 128;

/// Writes one message to each of these, in turn. Answers, all acknowledged, with the newest
/// position.
pub async fn write_to(
    server: &Server,
    owner: &Owner,
    conversations: impl IntoIterator<Item = ConversationId>,
) -> Result<u64> {
    let mut agent = Socket::agent(server.address, 0, owner).await?;
    let mut newest = 0;
    let (mut sent, mut done) = (0u32, 0u32);
    let mut waiting = conversations.into_iter();
    loop {
        while sent - done < PIPELINED
            && let Some(conversation) = waiting.next()
        {
            let command = AgentCommand::Post {
                conversation,
                reference: uuid::Uuid::now_v7().to_string(),
                kind: PostKind::Public,
                text: "We are still here when you are back.".to_owned(),
                attachments: vec![],
                reply_to: None,
                form: None,
            };
            sent += 1;
            agent.send(&AgentRequest { id: sent, command }).await?;
        }
        if done == sent {
            return Ok(newest);
        }
        let text = agent.soon().await?;
        let frame = peek(&text)?;
        match frame.kind {
            "ok" => {
                done += 1;
                newest = newest.max(frame.seq.unwrap_or_default());
            }
            "no" => bail!("an answer was refused: {text}"),
            _ => {}
        }
    }
}
