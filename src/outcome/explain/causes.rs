//! Causes as sentences for a help desk, one for each value of the model's closed enums. Must not decide anything.

use crate::rules::model::change::PhoneChange;
use crate::rules::model::phone_by_hand::PhoneByHand;
use crate::rules::population::traits::{App, Enrollment, LockScreen, Traits};
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{BlockCause, Form, SkipCause, WaitCause};
use crate::rules::service::message::Reason;

pub(crate) const fn enrollment(of: Enrollment) -> &'static str {
    match of {
        Enrollment::PersonalWorkProfile => "personal_work_profile",
        Enrollment::FullyManaged => "fully_managed",
        Enrollment::CorporateWorkProfile => "corporate_work_profile",
        Enrollment::Dedicated => "dedicated",
        Enrollment::Aosp => "aosp",
    }
}

pub(crate) const fn app(of: App) -> &'static str {
    match of {
        App::CompanyPortal => "company_portal",
        App::Intune => "intune",
        App::Both => "both",
        App::None => "none",
    }
}

pub(crate) const fn lock_screen(of: LockScreen) -> &'static str {
    match of {
        LockScreen::Full => "full",
        LockScreen::Hidden => "hidden",
        LockScreen::Off => "off",
    }
}

pub(crate) const fn refused(reason: Reason) -> &'static str {
    match reason {
        Reason::Permission => "the account may not send this kind of message",
        Reason::Scope => "the target is outside the scope groups of the account",
        Reason::EmptyText => "title or body has no text",
        Reason::TitleTooLong => "the title is longer than 50 characters",
        Reason::BodyTooLong => "the body is longer than 500 characters",
        Reason::TooManyGroups => "it addresses more than 25 groups",
        Reason::NotEnrolled => "the device is not enrolled as the sender sees it",
        Reason::UnsupportedTarget => "the device is of a kind that gets no custom notifications",
        Reason::GroupQuota => "the tenant has used up its 25 group messages an hour",
        Reason::DeviceQuota => "the device has been sent its 10 messages an hour",
    }
}

pub(crate) fn skipped(cause: SkipCause, traits: &Traits) -> String {
    match cause {
        SkipCause::UnsupportedPlatform => {
            format!("skipped: {} gets no custom notifications", traits.platform.name())
        }
        SkipCause::UnsupportedEnrolment => format!(
            "skipped: an Android gets them only with a personal work profile, and this one is enrolled as {}",
            enrollment(traits.enrollment)
        ),
        SkipCause::NotEnrolled => "skipped: the device is not enrolled as the sender sees it".to_owned(),
        SkipCause::EnrolledByAnother => "skipped: another user than its own enrolled the device".to_owned(),
        SkipCause::AppMissing => "skipped: no app that shows these messages is installed".to_owned(),
    }
}

pub(crate) const fn blocked(cause: BlockCause) -> &'static str {
    match cause {
        BlockCause::PlayServices => "blocked: the phone has no working Play Services",
        BlockCause::ForceStopped => "blocked: its user has force-stopped the app and not opened it since",
        BlockCause::Battery => "blocked: battery optimisation keeps the app from taking messages",
        BlockCause::AppRemoved => "blocked: the app that would show it is not on the phone any more",
        BlockCause::Permission => "blocked: notifications are not allowed on the phone",
    }
}

pub(crate) const fn shown(form: Form) -> &'static str {
    match form {
        Form::Banner => "shown: a banner on the unlocked phone",
        Form::LockFull => "shown: the whole text on the lock screen",
        Form::LockHidden => "shown: a notice without its text on the lock screen",
        Form::NotificationCentre => "shown: only in the notification centre, the lock screen shows nothing",
        Form::InApp => "shown: inside the open app",
        Form::Stub => "shown: only \"update the app\", for the app is outdated",
    }
}

pub(crate) const fn waits_for(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Capacity => "its turn in the gateway's queue",
        WaitCause::Outage => "the end of the gateway's outage",
        WaitCause::InTransit => "the end of its way to the phone",
        WaitCause::Offline => "the phone to come online",
        WaitCause::Doze => "the dozing phone's next maintenance window",
    }
}

/// Why the pair belongs to a group message whose groups, `through`, its user is visibly in.
pub(super) fn in_audience(class: AudienceClass, through: &str) -> String {
    match class {
        AudienceClass::Member => format!("in the audience: its user is in {through}"),
        AudienceClass::LateJoiner => {
            "in the audience by catch-up: the sender sees it only now, inside the window after the send".to_owned()
        }
        AudienceClass::StaleMember => {
            format!("in the audience though its user has left: the sender still sees the user in {through}")
        }
        AudienceClass::StaleDevice => {
            format!("in the audience through {through}, though unenrolled: the sender does not see that yet")
        }
    }
}

pub(crate) const fn changed(change: PhoneChange) -> &'static str {
    match change {
        PhoneChange::InstallApp => "Company Portal is installed and asks for the permission",
        PhoneChange::RemoveApp => "the apps are removed",
        PhoneChange::UpdateApp => "the app is brought up to date",
        PhoneChange::OpenApp => "the user opens the app",
        PhoneChange::GrantPermission => "the user allows notifications",
        PhoneChange::RevokePermission => "the user forbids notifications",
    }
}

/// What is set on a phone by hand.
pub(crate) fn by_hand(set: PhoneByHand) -> String {
    let PhoneByHand { online, locked, foreground, play_services, battery_restricted } = set;
    let words = [
        (online, "online", "offline"),
        (locked, "locked", "unlocked"),
        (foreground, "the app open", "the app not open"),
        (play_services, "with Play Services", "without Play Services"),
        (battery_restricted, "the app restricted by battery optimisation", "the app not restricted"),
    ];
    let said = words.into_iter().filter_map(|(set, yes, no)| Some(if set? { yes } else { no }));
    said.collect::<Vec<_>>().join(", ")
}
