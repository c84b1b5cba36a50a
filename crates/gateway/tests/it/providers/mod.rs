//! Real connectors, end to end: the program as an operator runs it, a payer at its page, and providers on loopback that keep books of
//! their own. What happens to money is compared with those.

mod killed;
mod localstripe;
mod other_ways;
mod payer;
mod payments;
mod psp;
mod refunds;
mod routing;
mod rows;
mod shop;
mod stripe_stand_in;

/// Makes a test of each provider of a function that takes one. A new provider is a line here, and a file in `psp`.
macro_rules! at_every_provider {
    ($($test:ident),*) => {$(
        mod $test {
            use super::super::psp;
            #[tokio::test(flavor = "multi_thread")]
            async fn stripe() { super::$test(&psp::STRIPE).await }
            #[tokio::test(flavor = "multi_thread")]
            async fn checkout_com() { super::$test(&psp::CHECKOUT_COM).await }
            #[tokio::test(flavor = "multi_thread")]
            async fn razorpay() { super::$test(&psp::RAZORPAY).await }
            #[tokio::test(flavor = "multi_thread")]
            async fn phonepe() {
                super::$test(&psp::PHONEPE).await
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn cashfree() { super::$test(&psp::CASHFREE).await }
        }
    )*};
}
use at_every_provider;
