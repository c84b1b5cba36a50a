//! Time passes: what happens by itself, and which webhooks are due.

use domain::Time;

use super::Acquirer;
use super::webhook::Delivery;

impl Acquirer {
    /// Lets everything happen that is due by `now`, and answers the webhooks to post. Each is answered again until
    /// [`Acquirer::posted`] says what came of it.
    pub fn advance(&mut self, now: Time) -> Vec<Delivery> {
        self.pass_time(now);
        let due = self.webhooks.due(now).filter_map(|id| self.payments.get(id));
        due.flat_map(|payment| payment.due_webhooks(&self.settings, now)).collect()
    }

    /// What came of posting a webhook: `taken` if the receiver answered 2xx. One that was not taken is tried again later, each
    /// time after a longer while, and at last given up.
    pub fn posted(&mut self, delivery: &Delivery, taken: bool, now: Time) {
        if let Some(mut payment) = self.payments.get(&delivery.payment).cloned() {
            payment.webhook_posted(delivery.nth, taken, now);
            self.put(payment);
        }
    }

    /// When [`Acquirer::advance`] has something to do next.
    pub fn next_due(&self) -> Option<Time> {
        let due = [self.happenings.first(), self.webhooks.first()];
        due.into_iter().flatten().map(|(at, _)| at).min()
    }

    /// What happens by itself happens at its own time, however late somebody looks.
    pub fn pass_time(&mut self, now: Time) {
        while let Some((at, id)) = self.happenings.first().filter(|(at, _)| *at <= now) {
            let Some(mut payment) = self.payments.get(id).cloned() else { return };
            let (due, later) = payment.happenings.drain(..).partition(|happening| happening.at <= at);
            payment.happenings = later;
            let due: Vec<super::record::Happening> = due;
            for happening in due {
                if happening.act.fits(&payment) {
                    self.change(&mut payment, happening.act, at);
                }
            }
            self.put(payment);
        }
    }
}
