pub mod fetch_rates;
