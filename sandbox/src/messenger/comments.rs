//! Comments under posts: read, answered in public, hidden, deleted.

use actix_web::http::Method;
use serde_json::json;

use super::{events, history::iso};
use crate::graph::{Answer, Call, GraphError};
use crate::whatsapp::select;
use crate::world::{Comment, Message, Phone, Platform, Side, State, World};

/// Under Instagram's comments fit so many characters, under Facebook's many more.
const INSTAGRAM_CHARS_MAX: usize = 2200;
const FACEBOOK_CHARS_MAX: usize = 8000;

/// The phone in whose thread a comment is.
pub fn find<'a>(state: &'a State, platform: Platform, id: &str) -> Option<&'a Phone> {
    state.phone_with(id).filter(|phone| {
        phone.platform == platform
            && phone.message(id).is_some_and(|message| message.comment.is_some())
    })
}

/// `/{comment-id}`, `/{comment-id}/comments`, `/{comment-id}/replies`
pub fn node(world: &World, call: &Call, phone: &str, id: &str, rest: &[&str]) -> Answer {
    let mut state = world.lock();
    let found = state.phone(phone).map(|phone| (phone.face(), phone.message(id).cloned()));
    let Some((face, Some(comment))) = found else { return Err(GraphError::no_such_object(id)) };
    if comment.deleted {
        return Err(GraphError::no_such_object(id));
    }
    let instagram = face.platform == Platform::Instagram;
    match (&call.method, rest) {
        (&Method::GET, []) => {
            Ok(select(&described(&face, &comment), call, "id,text,message,from,timestamp"))
        }
        (&Method::POST, ["replies"]) if instagram => {
            reply(world, &mut state, call, &face, &comment)
        }
        (&Method::POST, ["comments"]) if !instagram => {
            reply(world, &mut state, call, &face, &comment)
        }
        (&Method::POST, []) if !instagram && call.param("message").is_some() => {
            if comment.from != Side::Business {
                return Err(GraphError::permission(200, "Only the author can edit a comment"));
            }
            let text = call.need_param("message")?.to_owned();
            change(world, &mut state, &face, id, "edited", |message| {
                message.text = Some(text);
                message.edited = true;
            });
            Ok(json!({ "success": true }))
        }
        (&Method::POST, []) => {
            let name = if instagram { "hide" } else { "is_hidden" };
            let hidden = match call.json[name].as_bool() {
                Some(hidden) => hidden,
                None => call
                    .need_param(name)?
                    .parse()
                    .map_err(|_| GraphError::invalid(format!("Param {name} must be a boolean")))?,
            };
            change(
                world,
                &mut state,
                &face,
                id,
                if hidden { "hide" } else { "unhide" },
                |message| {
                    if let Some(place) = &mut message.comment {
                        place.hidden = hidden;
                    }
                },
            );
            Ok(json!({ "success": true }))
        }
        (&Method::DELETE, []) => {
            change(world, &mut state, &face, id, "remove", |message| message.deleted = true);
            Ok(json!({ "success": true }))
        }
        _ => Err(GraphError::unknown_path(&rest.join("/"))),
    }
}

fn described(phone: &Phone, comment: &Message) -> serde_json::Value {
    let hidden = comment.comment.as_ref().is_some_and(|place| place.hidden);
    let post = comment.comment.as_ref().map(|place| place.post.clone());
    let text = comment.text.clone().unwrap_or_default();
    match phone.platform {
        Platform::Instagram => json!({
            "id": comment.id, "from": { "id": phone.person.id, "username": phone.person.username },
            "hidden": hidden, "like_count": 0, "media": { "id": post, "media_product_type": "FEED" },
            "text": text, "timestamp": iso(comment.at), "username": phone.person.username,
        }),
        _ => json!({
            "id": comment.id, "from": { "id": phone.person.id, "name": phone.person.name },
            "message": text, "created_time": iso(comment.at), "is_hidden": hidden,
            "can_reply_privately": comment.comment.as_ref().is_some_and(|place| !place.answered),
        }),
    }
}

fn reply(
    world: &World,
    state: &mut State,
    call: &Call,
    phone: &Phone,
    comment: &Message,
) -> Answer {
    let text = call.need_param("message")?;
    let max = if phone.platform == Platform::Instagram {
        INSTAGRAM_CHARS_MAX
    } else {
        FACEBOOK_CHARS_MAX
    };
    if text.chars().count() > max {
        return Err(GraphError::invalid("The comment is too long"));
    }
    let at = state.now();
    let place = Comment {
        post: comment.comment.as_ref().map(|place| place.post.clone()).unwrap_or_default(),
        parent: Some(comment.id.clone()),
        hidden: false,
        answered: false,
    };
    let own = state.decimal_id("17");
    let id = match phone.platform {
        Platform::Instagram => own,
        _ => format!("{}_{own}", place.post.rsplit('_').next().unwrap_or_default()),
    };
    let message = Message {
        text: Some(text.to_owned()),
        reply_to: Some(comment.id.clone()),
        comment: Some(place),
        status: crate::world::Status::Delivered,
        ..Message::new(id.clone(), Side::Business, "comment", at)
    };
    let method = if phone.platform == Platform::Instagram { "replies" } else { "comments" };
    state.accept(&phone.id, message.clone(), method, call.json.clone());
    let hooks = events::commented(world, state, phone, &message, "add");
    world.push_all(state, hooks);
    world.changed(&phone.id);
    Ok(json!({ "id": id }))
}

fn change(
    world: &World,
    state: &mut State,
    phone: &Phone,
    id: &str,
    verb: &str,
    with: impl FnOnce(&mut Message),
) {
    let Some(message) = state.phone_mut(&phone.id).and_then(|phone| phone.message_mut(id)) else {
        return;
    };
    with(message);
    let message = message.clone();
    state.note(&phone.id, Some(id.to_owned()), verb, json!({ "verb": verb }));
    let hooks = events::commented(world, state, phone, &message, verb);
    world.push_all(state, hooks);
    world.changed(&phone.id);
}
