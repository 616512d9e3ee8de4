//! The tables of what Facebook posts about a Page, row by row, and where each is told in words.

use crate::support::coverage::{Table, is_complete};

const TABLES: &[Table] = &[
    // Fields to subscribe to, by the key that each has in an item.
    Table { member: "message", rows: &[("", "message_text")] },
    Table { member: "is_echo", rows: &[("true", "echo_api_text")] },
    Table { member: "message_edit", rows: &[("", "message_edit")] },
    Table {
        member: "reaction",
        rows: &[
            ("love", "reaction_add"),
            ("other", "reaction_other_emoji"),
            ("smile", "reaction_smile"),
            ("angry", "reaction_angry"),
            ("sad", "reaction_sad"),
            ("wow", "reaction_wow"),
            ("like", "reaction_like"),
            ("dislike", "reaction_dislike"),
        ],
    },
    Table { member: "action", rows: &[("react", "reaction_add"), ("unreact", "reaction_remove")] },
    Table { member: "delivery", rows: &[("", "delivery"), ("watermark", "delivery_without_mids")] },
    Table { member: "read", rows: &[("", "read")] },
    Table {
        member: "postback",
        rows: &[("", "postback_button"), ("referral", "postback_get_started_with_ref")],
    },
    Table { member: "referral", rows: &[("", "referral_shortlink")] },
    Table {
        member: "optin",
        rows: &[("", "optin_marketing_messages"), ("user_ref", "optin_checkbox_user_ref")],
    },
    Table { member: "account_linking", rows: &[("", "account_linked")] },
    Table { member: "policy_enforcement", rows: &[("", "policy_warning")] },
    Table { member: "pass_thread_control", rows: &[("", "thread_passed_to_us")] },
    Table { member: "take_thread_control", rows: &[("", "thread_taken")] },
    Table { member: "request_thread_control", rows: &[("", "thread_requested")] },
    Table { member: "app_roles", rows: &[("", "app_roles")] },
    Table {
        member: "standby",
        rows: &[("", "standby_message"), ("postback", "standby_postback_without_payload")],
    },
    Table { member: "messaging_customer_information", rows: &[("", "customer_information")] },
    Table { member: "form", rows: &[("", "instant_form_submitted")] },
    Table { member: "response_feedback", rows: &[("", "response_feedback")] },
    Table { member: "order", rows: &[("", "order_cart")] },
    Table { member: "message_context", rows: &[("", "message_context")] },
    Table { member: "game_play", rows: &[("", "game_play")] },
    Table { member: "messaging_feedback", rows: &[("", "customer_feedback")] },
    // Fields that come as changes.
    Table {
        member: "field",
        rows: &[
            ("message_template_status_update", "utility_template_approved"),
            ("inbox_labels", "inbox_label_added"),
            ("feed", "feed_comment_add"),
        ],
    },
    // What some of them tell.
    Table {
        member: "source",
        rows: &[
            ("SHORTLINK", "referral_shortlink"),
            ("ADS", "referral_ad"),
            ("CUSTOMER_CHAT_PLUGIN", "referral_customer_chat_plugin"),
        ],
    },
    Table {
        member: "type",
        rows: &[
            ("OPEN_THREAD", "referral_ad"),
            ("LEAD_COMPLETE", "referral_lead_complete_seconds_timestamp"),
            ("LEAD_INCOMPLETE", "referral_lead_incomplete"),
            ("notification_messages", "optin_marketing_messages"),
            ("one_time_notif_req", "optin_one_time"),
        ],
    },
    Table {
        member: "notification_messages_status",
        rows: &[
            ("STOP_NOTIFICATIONS", "optin_marketing_stop"),
            ("RESUME_NOTIFICATIONS", "optin_marketing_resume"),
        ],
    },
    Table {
        member: "status",
        rows: &[("linked", "account_linked"), ("unlinked", "account_unlinked")],
    },
    Table {
        member: "action",
        rows: &[
            ("warning", "policy_warning"),
            ("block", "policy_block"),
            ("unblock", "policy_unblock"),
            ("add", "inbox_label_added"),
            ("remove", "inbox_label_removed"),
        ],
    },
    Table {
        member: "feedback",
        rows: &[("Good response", "response_feedback"), ("Bad response", "response_feedback_bad")],
    },
    // What stands in a message, or beside it.
    Table { member: "quick_reply", rows: &[("", "message_quick_reply")] },
    Table {
        member: "reply_to",
        rows: &[("", "message_reply_to_page"), ("is_self_reply", "message_reply_to_self")],
    },
    Table { member: "commands", rows: &[("", "message_commands")] },
    Table { member: "hop_context", rows: &[("", "message_lead_summary")] },
    Table { member: "prior_message", rows: &[("", "message_from_checkbox_plugin")] },
    Table { member: "template", rows: &[("coupon_code", "coupon_revealed")] },
    // Attachments.
    Table {
        member: "type",
        rows: &[
            ("image", "message_image"),
            ("audio", "message_audio"),
            ("video", "message_video"),
            ("file", "message_file"),
            ("sticker", "message_sticker"),
            ("fallback", "message_link_fallback"),
            ("reel", "message_reel"),
            ("ig_reel", "message_ig_reel"),
            ("post", "message_shared_post"),
            ("ig_post", "message_ig_post"),
            ("template", "message_product_template"),
            ("location", "message_location"),
            ("appointment_booking", "message_appointment_booking"),
        ],
    },
    Table {
        member: "template_type",
        rows: &[("button", "echo_template"), ("generic", "echo_generic_template")],
    },
    // The feed.
    Table {
        member: "verb",
        rows: &[
            ("add", "feed_comment_add"),
            ("edited", "feed_comment_edited"),
            ("remove", "feed_comment_removed"),
            ("hide", "feed_comment_hidden"),
            ("unhide", "feed_comment_unhidden"),
        ],
    },
    Table {
        member: "item",
        rows: &[
            ("comment", "feed_comment_add"),
            ("status", "feed_visitor_post"),
            ("photo", "feed_visitor_photo"),
            ("video", "feed_visitor_video"),
            ("share", "feed_visitor_share"),
            ("reaction", "feed_reaction"),
            ("post", "feed_visitor_post_edited"),
        ],
    },
];

#[test]
fn every_row_of_the_tables_has_a_sample() {
    is_complete("messenger", TABLES);
}
