//! The lines in a conversation that tell what happened on its channel.

use serde::{Deserialize, Serialize};

/// What a line tells. Nothing personal: it is stored in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum ChannelLine {
    /// The customer goes on under another number or id.
    NumberChanged,
    /// The customer's device or security code changed.
    IdentityChanged,
    /// The customer shared identity documents, which only the platform's own tools open.
    IdentityShared,
    /// The customer blocked the account, or left.
    Blocked,
    Unblocked,
    /// The customer allows the account to write first.
    WritingAllowed,
    /// The customer opened the conversation, and has written nothing yet.
    Opened,
    /// The customer used the platform to log in to a website of the business.
    LoggedIn,
    /// For the first time.
    MarketingAllowed,
    MarketingStopped,
    MarketingResumed,
    /// The customer asks to be told of one thing, once.
    NoticeAllowed,
    /// Another tool answers this conversation now.
    HandedOver,
    /// We answer this conversation now.
    HandedBack,
    /// Another tool asks to answer.
    HandoverAsked,
    /// In the platform's own inbox.
    LabelAdded,
    LabelRemoved,
    /// The customer judged an automatic answer.
    AnswerPraised,
    AnswerCriticised,
    CouponRevealed,
    GamePlayed,
    PollAnswered,
    PollAnswerWithdrawn,
    PaymentBegun,
    /// The customer asks what it costs to ship an order.
    ShippingAsked,
    /// The customer bought paid media.
    MediaBought,
    GiftSent,
    /// A comment was hidden from the public, …
    CommentHidden,
    /// … and shown again.
    CommentShown,
    /// Someone joined the group.
    Joined,
    Left,
    /// Someone asks to join the group.
    JoinAsked,
    JoinAskWithdrawn,
    TitleChanged,
    PhotoChanged,
    BackgroundChanged,
    GroupCreated,
    GroupDeleted,
    /// The platform suspends the group: nobody can write in it.
    GroupSuspended,
    GroupRestored,
    /// The platform did not take a change of the group's settings.
    GroupUnchanged,
    OwnerChanged,
    /// The account itself came into the group, …
    AccountAdded,
    /// … or was put out of it.
    AccountRemoved,
    /// The account was made an administrator of the group, …
    AccountPromoted,
    /// … a plain member, …
    AccountDemoted,
    /// … or one that may not do everything.
    AccountRestricted,
    /// What someone else may do in the group changed.
    MemberStandingChanged,
    /// Groups can have topics.
    TopicCreated,
    TopicChanged,
    TopicClosed,
    TopicReopened,
    TopicHidden,
    TopicShown,
    GroupCallPlanned,
    GroupCallStarted,
    GroupCallEnded,
    /// People were invited to a call.
    GroupCallInvited,
    Pinned,
    /// After what time messages delete themselves.
    AutoDeleteChanged,
    /// What messages cost those who write them.
    PriceChanged,
    ChecklistChanged,
    /// Someone paid for the group to have more.
    Boosted,
    GiveawayStarted,
    GiveawayEnded,
    /// A post that was suggested to a channel.
    PostApproved,
    /// It could not be approved, for example for want of money.
    PostNotApproved,
    PostDeclined,
    PostPaid,
    PostRefunded,
    /// Someone who shares a location came near someone else.
    Near,
    /// The person's account lets us answer for them, or no longer does.
    ConnectionEnabled,
    ConnectionDisabled,
    AccountLinked,
    AccountUnlinked,
    /// The platform warns that a rule was broken.
    PolicyWarning,
    /// The platform did not take our last edit, deletion or reaction.
    ChangeFailed,
    /// Anything else, by the platform's name of it.
    Other {
        kind: String,
    },
}
