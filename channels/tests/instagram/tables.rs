//! The tables of what Instagram posts about an account, row by row, and where each is told in words.

use crate::support::coverage::{Table, is_complete};

const TABLES: &[Table] = &[
    // Fields to subscribe to, by the key that each has in an item.
    Table {
        member: "message",
        rows: &[
            ("", "message_text"),
            ("is_echo", "echo_text"),
            ("is_deleted", "message_unsent"),
            ("is_self", "message_to_self"),
            ("is_unsupported", "message_unsupported"),
        ],
    },
    Table { member: "message_edit", rows: &[("", "message_edit")] },
    Table { member: "reaction", rows: &[("love", "reaction_love"), ("other", "reaction_other")] },
    Table {
        member: "action",
        rows: &[("react", "reaction_love"), ("unreact", "reaction_removed")],
    },
    Table { member: "postback", rows: &[("", "postback_button"), ("", "postback_ice_breaker")] },
    Table { member: "read", rows: &[("mid", "seen")] },
    Table {
        member: "referral",
        rows: &[
            ("ref", "referral_ig_me"),
            ("ad_id", "referral_ad"),
            ("product", "referral_product"),
        ],
    },
    Table { member: "optin", rows: &[("", "optin_marketing_messages")] },
    Table {
        member: "notification_messages_status",
        rows: &[
            ("STOP_NOTIFICATIONS", "optin_marketing_stop"),
            ("RESUME_NOTIFICATIONS", "optin_marketing_resume"),
        ],
    },
    Table {
        member: "pass_thread_control",
        rows: &[("", "thread_passed_to_us"), ("", "thread_passed_away")],
    },
    Table { member: "take_thread_control", rows: &[("", "thread_taken")] },
    Table { member: "request_thread_control", rows: &[("", "thread_requested")] },
    Table { member: "standby", rows: &[("", "standby_message")] },
    // What stands in a message.
    Table { member: "quick_reply", rows: &[("", "message_quick_reply")] },
    Table {
        member: "reply_to",
        rows: &[
            ("mid", "message_reply_to_message"),
            ("story", "message_reply_to_story"),
            ("story", "message_one_emoji"),
        ],
    },
    Table {
        member: "referral",
        rows: &[("", "message_ad_referral"), ("product", "message_shop_product_referral")],
    },
    // Attachments.
    Table {
        member: "type",
        rows: &[
            ("image", "message_image"),
            ("video", "message_video"),
            ("audio", "message_audio"),
            ("file", "message_file"),
            ("share", "message_share_legacy"),
            ("ig_post", "message_ig_post"),
            ("reel", "message_reel"),
            ("ig_reel", "message_ig_reel"),
            ("story_mention", "message_story_mention"),
            ("story", "message_story"),
            ("ig_story", "message_story_share"),
            ("media", "message_media"),
            ("ephemeral", "message_ephemeral_without_url"),
            ("template", "message_product_template"),
            ("template", "echo_template"),
            ("unsupported_type", "message_unsupported_type"),
        ],
    },
    // Fields that come as changes.
    Table {
        member: "field",
        rows: &[
            ("comments", "comment_instagram_login"),
            ("comments", "comment_instagram_login_flat"),
            ("live_comments", "live_comment"),
            ("mentions", "mention_in_media_facebook_login"),
            ("story_insights", "story_insights"),
            ("messages", "messages_delivered_as_changes"),
        ],
    },
    // Comments.
    Table {
        member: "media_product_type",
        rows: &[
            ("FEED", "comment_instagram_login"),
            ("REELS", "comment_on_reel"),
            ("AD", "comment_facebook_login_ad"),
            ("STORY", "comment_on_story"),
        ],
    },
    Table { member: "parent_id", rows: &[("", "comment_reply")] },
    Table {
        member: "comment_id",
        rows: &[("", "mention_in_comment_facebook_login"), ("", "comment_facebook_login_ad")],
    },
];

#[test]
fn every_row_of_the_tables_has_a_sample() {
    is_complete("instagram", TABLES);
}
