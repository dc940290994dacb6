//! Texts of a hosted tenant: kept at acceptance, erased when no phone can show them any more, and read for what is on a
//! phone. Must not decide when a text is over; `rules` does.

use super::driver::TenantLoop;
use super::error::HostError;
use super::hosted_tenant::HostedTenant;
use super::text_vault::{PostedText, TextVault};
use crate::engine::{EngineError, MessageLook, News};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::portal::Notification;
use crate::rules::model::world::World;
use crate::rules::service::journey::Journey;
use crate::rules::service::message::MessageKind;
use crate::rules::service::shown_text::{TextUse, VisibleText, joins_until};
use crate::rules::timeline::posting::Recipients;

/// Notifications of one phone whose texts are decrypted for one reader, the latest; about 1 µs each.
pub const TEXTS_READ_MAX: usize = 1_000;

/// Keeps the text of a message that was accepted at `at`.
pub(super) fn keep(
    vault: &mut TextVault,
    world: &World,
    at: SimTime,
    recipients: &Recipients,
    message: MessageIx,
    text: PostedText,
) {
    let (kind, until) = window(world, at, recipients);
    vault.keep(message, kind, text, until);
}

/// The kind of a message that was accepted at `at`, and the end of its catch-up window if it has one.
pub(super) fn window(world: &World, at: SimTime, recipients: &Recipients) -> (MessageKind, Option<SimTime>) {
    match recipients {
        Recipients::Device(_) => (MessageKind::Device, None),
        Recipients::Groups(_) => (MessageKind::Group, joins_until(at, world.catch_up_ms, world.horizon.just_before())),
    }
}

/// How far the text of a message has come.
fn text_use(look: &MessageLook, catch_up_until: Option<SimTime>) -> TextUse {
    let shown = look.settled.iter().filter(|(journey, _)| matches!(journey, Journey::Shown(_)));
    TextUse {
        sent: look.sent,
        settled: look.settled.values().sum(),
        shown: shown.map(|(_, pairs)| pairs).sum(),
        dismissed: look.dismissed,
        catch_up_until,
        handed_out_until: look.handed_out_until,
    }
}

impl TenantLoop {
    /// Erases the texts that are over, as far as the news tell or their turn has come.
    pub(super) async fn erase_texts(&mut self, news: &News, now: SimTime) -> Result<(), EngineError> {
        let asked: Vec<MessageIx> = {
            let mut vault = self.shared.texts();
            news.over.iter().for_each(|message| vault.erase(*message));
            let dismissed = news.dismissed.iter().map(|(message, ..)| message);
            let reported = news.stirred.iter().chain(dismissed).copied();
            let mut asked: Vec<MessageIx> = reported.filter(|message| vault.is_of_groups(*message)).collect();
            asked.extend(vault.due(now));
            asked.sort_unstable();
            asked.dedup();
            asked
        };
        self.erase_those_over(asked).await?;
        self.count_texts();
        Ok(())
    }

    /// Erases those of these texts that are over.
    pub(super) async fn erase_those_over(&self, messages: Vec<MessageIx>) -> Result<(), EngineError> {
        if messages.is_empty() {
            return Ok(());
        }
        let looks = self.tenancy.messages(messages.clone()).await?;
        let mut vault = self.shared.texts();
        for (message, look) in messages.into_iter().zip(looks) {
            vault.erase_if(message, |until| text_use(&look, until).is_over());
        }
        Ok(())
    }

    /// Counts for Prometheus what is kept, and what was dropped since the last call.
    pub(super) fn count_texts(&self) {
        let (kept, dropped) = {
            let mut vault = self.shared.texts();
            (vault.len(), vault.take_dropped())
        };
        if let Some(meters) = &self.options.meters {
            meters.texts(kept, dropped);
        }
    }
}

impl HostedTenant {
    /// The notifications on a phone, in order of display, and what can be read of each: of the last [`TEXTS_READ_MAX`] of them.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn screen(&self, device: DeviceIx) -> Result<Vec<(Notification, VisibleText)>, HostError> {
        // No reset is between the two: numbers of messages begin anew with it.
        let revision = self.shared.revision().await;
        let notifications = revision.tenancy.phone(device).await?.notifications;
        let unread = notifications.len().saturating_sub(TEXTS_READ_MAX);
        let read = |(at, shown): (usize, Notification)| {
            let sight = shown.form.sight();
            let text = if sight.needs_text() && at >= unread { self.shared.texts().text(shown.message) } else { None };
            (shown, sight.of(text))
        };
        Ok(notifications.into_iter().enumerate().map(read).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use super::*;
    use crate::clock::Clock;
    use crate::host::{HostOptions, RequestId};
    use crate::metrics::{Board, Meters};
    use crate::outcome::fixture::Hand;
    use crate::rules::base::ids::{AccountIx, GroupIx};
    use crate::rules::model::live::ModelSpeed;
    use crate::rules::timeline::posting::Posting;

    /// A tenant under a clock that stands still but for a jump, and its metrics.
    async fn opened() -> (HostedTenant, Board) {
        let world = Arc::new(Hand::new("", |_| Ok(())).world.for_postings());
        let meters = Arc::new(Meters::new(&world, 10));
        let options = HostOptions {
            shards: 2,
            resident_actors_max: 10,
            keep_fates: true,
            meters: Some(meters.clone()),
            inputs_in_memory: HostOptions::INPUTS_IN_MEMORY,
        };
        let clock = Clock::start(ModelSpeed::Times(0));
        (HostedTenant::start(world, clock, options).await.expect("it opens"), Board::of_run(meters))
    }

    fn posting(recipients: Recipients) -> Posting {
        let (title, body) = ("Quetzalcoatl".to_owned(), "Popocatepetl".to_owned());
        Posting { account: AccountIx(0), recipients, title, body }
    }

    #[tokio::test]
    async fn neither_text_nor_key_is_in_what_a_tenant_prints() {
        let (host, board) = opened().await;
        let both = [Recipients::Groups(vec![GroupIx(0)]), Recipients::Device(DeviceIx(0))].map(posting).to_vec();
        let verdicts = host.post(both, RequestId::of("r")).await.expect("it answers");
        assert!(verdicts.iter().all(|verdict| verdict.outcome.is_ok()), "{verdicts:?}");
        host.advance(5_000).await.expect("there is time");
        let mut secrets = vec!["Quetzalcoatl".to_owned(), "Popocatepetl".to_owned()];
        for message in [MessageIx(0), MessageIx(1)] {
            let key = host.shared.texts().key(message).expect("it is shown").copy();
            let key = key.bytes();
            let hex = key[..8].iter().fold(String::new(), |mut hex, byte| {
                write!(hex, "{byte:02x}").expect("a string takes all");
                hex
            });
            let list = format!("{:?}", &key[..8]);
            secrets.extend([hex, list.trim_matches(['[', ']']).to_owned()]);
        }
        let printed = format!("{host:?} {:?} {}", host.log(Clone::clone), board.render());
        assert!(printed.contains("TextVault") && printed.contains("reveille_texts_kept 2"), "{printed}");
        for secret in secrets {
            assert!(!printed.contains(&secret), "{secret} is in {printed}");
        }
    }

    #[tokio::test]
    async fn a_text_goes_with_its_last_use_and_a_reset_takes_the_rest() {
        let (host, _) = opened().await;
        let kept = || host.shared.texts().len();
        let to_phone = || host.post(vec![posting(Recipients::Device(DeviceIx(0)))], RequestId::default());
        let message = to_phone().await.expect("it answers")[0].outcome.expect("it is accepted");
        host.advance(5_000).await.expect("there is time");
        let read = host.screen(DeviceIx(0)).await.expect("it answers");
        assert_eq!(read[0].1.title.as_deref(), Some("Quetzalcoatl"));
        assert_eq!(kept(), 1);
        host.dismiss(DeviceIx(0), message).await.expect("it answers").expect("it is on the screen");
        assert_eq!(kept(), 0);
        to_phone().await.expect("it answers");
        assert_eq!(kept(), 1);
        host.reset(Vec::new()).await.expect("it begins again");
        assert_eq!(kept(), 0);
    }
}
