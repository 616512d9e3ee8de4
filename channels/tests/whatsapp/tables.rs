//! The tables of what WhatsApp posts, row by row, and where each is told in words.

use crate::support::coverage::{Table, is_complete};

const TABLES: &[Table] = &[
    // Fields to subscribe to.
    Table {
        member: "field",
        rows: &[
            ("messages", "message_text"),
            ("message_template_status_update", "template_status_approved"),
            ("message_template_quality_update", "template_quality"),
            ("message_template_components_update", "template_components"),
            ("template_category_update", "template_category_impending"),
            ("phone_number_quality_update", "phone_quality_onboarding"),
            ("phone_number_name_update", "phone_name_approved"),
            ("account_update", "account_update_deleted"),
            ("account_review_update", "account_review_approved"),
            ("account_alerts", "account_alert"),
            ("business_capability_update", "business_capability_number"),
            ("security", "security_pin_changed"),
            ("user_preferences", "user_preferences_stop"),
            ("user_id_update", "user_id_update"),
            ("business_username_update", "business_username_approved"),
            ("history", "history_chunk"),
            ("smb_app_state_sync", "smb_app_state_sync_add"),
            ("smb_message_echoes", "smb_message_echo_text"),
            ("calls", "call_terminate"),
            ("flows", "flow_status_change"),
            ("group_lifecycle_update", "group_create"),
            ("group_participants_update", "group_participant_joined"),
            ("group_settings_update", "group_settings_updated"),
            ("group_status_update", "group_suspended"),
            ("automatic_events", "automatic_events_lead"),
            ("partner_solutions", "partner_solution_created"),
            ("payment_configuration_update", "payment_configuration"),
        ],
    },
    // Types of messages, and of the parts of some.
    Table {
        member: "type",
        rows: &[
            ("text", "message_text"),
            ("image", "message_image"),
            ("video", "message_video"),
            ("document", "message_document"),
            ("audio", "message_audio_file"),
            ("sticker", "message_sticker_static"),
            ("location", "message_location_current"),
            ("contacts", "message_contacts"),
            ("reaction", "message_reaction"),
            ("button", "message_template_button"),
            ("interactive", "message_interactive_button_reply"),
            ("button_reply", "message_interactive_button_reply"),
            ("list_reply", "message_interactive_list_reply"),
            ("nfm_reply", "message_interactive_flow_reply"),
            ("call_permission_reply", "message_interactive_call_permission_accept"),
            ("order", "message_order"),
            ("system", "message_system_number_changed"),
            ("user_changed_number", "message_system_number_changed"),
            ("user_changed_user_id", "message_system_user_id_changed"),
            ("customer_identity_changed", "message_system_identity_changed"),
            ("edit", "message_edit_text"),
            ("revoke", "message_revoke"),
            ("request_welcome", "message_request_welcome"),
            ("unsupported", "message_unsupported"),
            ("poll", "message_unsupported"),
            ("edit", "message_unsupported_edit"),
            ("button", "message_unsupported_button"),
            ("media_placeholder", "history_chunk"),
        ],
    },
    // What some types have or lack.
    Table { member: "voice", rows: &[("true", "message_audio_voice_note")] },
    Table { member: "animated", rows: &[("true", "message_sticker_animated")] },
    Table {
        member: "origin",
        rows: &[
            ("contact_request", "message_contacts_request_answer"),
            ("other", "message_contacts"),
        ],
    },
    Table {
        member: "response",
        rows: &[
            ("accept", "message_interactive_call_permission_accept"),
            ("reject", "message_interactive_call_permission_reject"),
        ],
    },
    // What stands beside a message.
    Table { member: "forwarded", rows: &[("true", "message_text_forwarded")] },
    Table {
        member: "frequently_forwarded",
        rows: &[("true", "message_text_frequently_forwarded")],
    },
    Table { member: "referred_product", rows: &[("", "message_text_from_product_page")] },
    Table {
        member: "source_type",
        rows: &[
            ("ad", "message_text_ad_referral"),
            ("post", "message_text_post_referral_without_click_id"),
        ],
    },
    Table { member: "welcome_message", rows: &[("", "message_text_ad_referral_with_welcome")] },
    Table { member: "group_id", rows: &[("", "message_text_group")] },
    Table { member: "identity_key_hash", rows: &[("", "message_text_with_identity_hash")] },
    Table {
        member: "code",
        rows: &[
            ("131051", "message_unsupported"),
            ("131052", "message_media_download_failed"),
            ("131060", "message_unsupported_companion"),
            ("131000", "message_interactive_missing_payload"),
            ("2593109", "history_declined"),
        ],
    },
    // Statuses of messages and of calls.
    Table {
        member: "status",
        rows: &[
            ("sent", "status_sent"),
            ("delivered", "status_delivered"),
            ("read", "status_read"),
            ("played", "status_played"),
            ("failed", "status_failed_undeliverable"),
            ("RINGING", "call_status_ringing"),
            ("ACCEPTED", "call_status_accepted"),
            ("REJECTED", "call_status_rejected"),
        ],
    },
    Table { member: "recipient_type", rows: &[("group", "status_group_aggregated")] },
    // Of messages from before: how far they had come.
    Table {
        member: "status",
        rows: &[
            ("SENT", "history_statuses"),
            ("DELIVERED", "history_chunk"),
            ("READ", "history_chunk"),
            ("PLAYED", "history_statuses"),
            ("PENDING", "history_statuses"),
            ("ERROR", "history_statuses"),
        ],
    },
    // The address book of the business's phone.
    Table {
        member: "action",
        rows: &[("add", "smb_app_state_sync_add"), ("remove", "smb_app_state_sync_remove")],
    },
    // What the business's phone writes.
    Table {
        member: "type",
        rows: &[
            ("text", "smb_message_echo_text"),
            ("image", "smb_message_echo_image"),
            ("reaction", "smb_message_echo_reaction"),
            ("edit", "smb_message_echo_edit"),
            ("revoke", "smb_message_echo_revoke"),
        ],
    },
    // What happens to templates.
    Table {
        member: "event",
        rows: &[
            ("APPROVED", "template_status_approved"),
            ("ARCHIVED", "template_status_archived"),
            ("UNARCHIVED", "template_status_unarchived"),
            ("DELETED", "template_status_deleted"),
            ("DISABLED", "template_status_disabled"),
            ("FLAGGED", "template_status_flagged"),
            ("IN_APPEAL", "template_status_in_appeal"),
            ("LIMIT_EXCEEDED", "template_status_limit_exceeded"),
            ("LOCKED", "template_status_locked"),
            ("PAUSED", "template_status_paused"),
            ("PENDING", "template_status_pending"),
            ("REINSTATED", "template_status_reinstated"),
            ("PENDING_DELETION", "template_status_pending_deletion"),
            ("REJECTED", "template_status_rejected"),
        ],
    },
    Table { member: "correct_category", rows: &[("", "template_category_impending")] },
    Table { member: "previous_category", rows: &[("", "template_category_completed")] },
    // What happens to the account.
    Table {
        member: "event",
        rows: &[
            ("ACCOUNT_DELETED", "account_update_deleted"),
            ("ACCOUNT_RESTRICTION", "account_update_restriction"),
            ("ACCOUNT_VIOLATION", "account_update_violation"),
            ("DISABLED_UPDATE", "account_update_disabled"),
            ("PARTNER_ADDED", "account_update_partner_added"),
            ("PARTNER_REMOVED", "account_update_partner_removed"),
            ("PARTNER_APP_INSTALLED", "account_update_partner_app_installed"),
            ("PARTNER_APP_UNINSTALLED", "account_update_partner_app_uninstalled"),
            ("PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", "account_update_business_verification"),
            ("AD_ACCOUNT_LINKED", "account_update_ad_account_linked"),
            ("MM_LITE_TERMS_SIGNED", "account_update_marketing_terms_signed"),
            ("AUTH_INTL_PRICE_ELIGIBILITY_UPDATE", "account_update_auth_international_eligible"),
            ("BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "account_update_primary_location"),
            ("VOLUME_BASED_PRICING_TIER_UPDATE", "account_update_volume_tier"),
            ("ACCOUNT_OFFBOARDED", "account_update_offboarded"),
            ("ACCOUNT_RECONNECTED", "account_update_reconnected"),
        ],
    },
    Table {
        member: "waba_ban_state",
        rows: &[
            ("DISABLE", "account_update_disabled"),
            ("REINSTATE", "account_update_reinstated"),
            ("SCHEDULE_FOR_DISABLE", "account_update_disabled_scheduled"),
        ],
    },
    Table {
        member: "disconnection_info",
        rows: &[("", "account_update_partner_removed_app_disconnected")],
    },
    Table {
        member: "decision",
        rows: &[
            ("APPROVED", "account_review_approved"),
            ("REJECTED", "account_review_rejected"),
            ("PENDING", "account_review_pending"),
            ("DEFERRED", "account_review_deferred"),
            ("APPROVED", "phone_name_approved"),
            ("REJECTED", "phone_name_rejected"),
        ],
    },
    // What happens to numbers.
    Table {
        member: "event",
        rows: &[
            ("ONBOARDING", "phone_quality_onboarding"),
            ("THROUGHPUT_UPGRADE", "phone_quality_throughput_upgrade"),
            ("DOWNGRADE", "phone_quality_downgrade"),
            ("FLAGGED", "phone_quality_flagged"),
            ("UNFLAGGED", "phone_quality_unflagged"),
            ("PIN_CHANGED", "security_pin_changed"),
            ("PIN_RESET_REQUEST", "security_pin_reset_request"),
            ("PIN_REQUEST_SUCCESS", "security_pin_request_success"),
        ],
    },
    Table {
        member: "status",
        rows: &[
            ("approved", "business_username_approved"),
            ("deleted", "business_username_deleted"),
            ("reserved", "business_username_reserved"),
        ],
    },
    Table {
        member: "max_daily_conversations_per_business",
        rows: &[("", "business_capability_number"), ("", "business_capability_tier_text")],
    },
    // What customers agree to.
    Table {
        member: "value",
        rows: &[
            ("stop", "user_preferences_stop"),
            ("resume", "user_preferences_resume"),
            ("signup", "user_preferences_signup"),
        ],
    },
    // What happens to groups.
    Table {
        member: "type",
        rows: &[
            ("group_create", "group_create"),
            ("group_delete", "group_delete"),
            ("group_participants_add", "group_participant_joined"),
            ("group_participants_remove", "group_participant_left"),
            ("group_join_request_created", "group_join_request_created"),
            ("group_join_request_revoked", "group_join_request_revoked"),
            ("group_settings_update", "group_settings_updated"),
            ("group_suspend", "group_suspended"),
            ("group_suspend_cleared", "group_suspension_cleared"),
        ],
    },
    Table {
        member: "initiated_by",
        rows: &[
            ("participant", "group_participant_left"),
            ("business", "group_participant_removed_by_business"),
        ],
    },
    // Calls.
    Table {
        member: "event",
        rows: &[("connect", "call_connect_user_initiated"), ("terminate", "call_terminate")],
    },
    Table {
        member: "direction",
        rows: &[
            ("USER_INITIATED", "call_terminate"),
            ("BUSINESS_INITIATED", "call_terminate_business_initiated"),
        ],
    },
    // Flows.
    Table {
        member: "event",
        rows: &[
            ("FLOW_STATUS_CHANGE", "flow_status_change"),
            ("CLIENT_ERROR_RATE", "flow_client_error_rate"),
            ("ENDPOINT_ERROR_RATE", "flow_endpoint_error_rate"),
            ("ENDPOINT_LATENCY", "flow_endpoint_latency"),
            ("ENDPOINT_AVAILABILITY", "flow_endpoint_availability_recovered"),
        ],
    },
    // Changes of ids.
    Table { member: "user_id_update", rows: &[("", "user_id_update")] },
];

#[test]
fn every_row_of_the_tables_has_a_sample() {
    is_complete("whatsapp", TABLES);
}
