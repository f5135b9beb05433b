//! The contract: names and order as in the catalogue, here written a second time on purpose.

use std::collections::BTreeSet;

use feature_api::{EventKind, FeatureSet as _, Param};
use features_v2::Multires;

const COMMON: [&str; 18] = [
    "volume_log",
    "dollar_volume_log",
    "log_return_close",
    "log_return_high",
    "log_return_low",
    "price_change_pct",
    "high_low_pct",
    "wick_vs_range",
    "body_vs_range",
    "close_vs_high_pct",
    "close_vs_low_pct",
    "trade_imbalance",
    "tick_volatility",
    "taker_ratio",
    "tick_skew",
    "tick_kurtosis",
    "price_changes",
    "direction_changes",
];

const SHORT: [(&str, u32); 36] = [
    ("sma_10", 9),
    ("sma_20", 19),
    ("ema_10", 9),
    ("rsi_14", 14),
    ("macd", 33),
    ("macd_signal", 33),
    ("macd_hist", 33),
    ("adx_14", 27),
    ("plus_di_14", 14),
    ("minus_di_14", 14),
    ("stoch_k", 6),
    ("stoch_d", 8),
    ("obv_delta_20", 20),
    ("atr_14", 14),
    ("bb_upper", 19),
    ("bb_middle", 19),
    ("bb_lower", 19),
    ("cci_14", 13),
    ("mfi_14", 14),
    ("roc_10", 10),
    ("ultosc_7_14_28", 28),
    ("willr_14", 13),
    ("volume_sma_20", 19),
    ("ret_std_20", 20),
    ("hl_ret_std_20", 19),
    ("ret_lag_1", 2),
    ("ret_lag_2", 3),
    ("ret_lag_3", 4),
    ("ret_lag_5", 6),
    ("volume_lag_1", 1),
    ("volume_lag_2", 2),
    ("volume_lag_3", 3),
    ("ret_mean_10", 10),
    ("ret_std_10", 10),
    ("ret_skew_20", 20),
    ("ret_kurt_20", 20),
];

const CASCADE: [(&str, u32); 14] = [
    ("sma_10", 9),
    ("sma_20", 19),
    ("ema_10", 9),
    ("rsi_14", 14),
    ("macd", 33),
    ("macd_signal", 33),
    ("macd_hist", 33),
    ("adx_14", 27),
    ("atr_14", 14),
    ("obv_delta_20", 20),
    ("ret_std_20", 20),
    ("ret_lag_1", 2),
    ("ret_lag_2", 3),
    ("ret_lag_3", 4),
];

const TIME: [(&str, u32); 36] = [
    ("signed_volume_ratio", 19),
    ("price_skew", 19),
    ("volume_skew", 19),
    ("avg_trade_size", 0),
    ("sma_20", 19),
    ("ema_20", 19),
    ("rsi_7", 7),
    ("rsi_14", 14),
    ("rsi_21", 21),
    ("adx_14", 27),
    ("atr_14", 14),
    ("natr_14", 14),
    ("cci_14", 13),
    ("cci_20", 19),
    ("mfi_14", 14),
    ("roc_1", 1),
    ("roc_5", 5),
    ("roc_10", 10),
    ("roc_20", 20),
    ("stoch_k", 15),
    ("stoch_d", 17),
    ("ret_skew_20", 20),
    ("ret_skew_50", 50),
    ("ret_kurt_20", 20),
    ("ret_kurt_50", 50),
    ("minute_of_day_sin", 0),
    ("minute_of_day_cos", 0),
    ("day_of_week_sin", 0),
    ("day_of_week_cos", 0),
    ("bullish_engulfing", 1),
    ("bearish_engulfing", 1),
    ("hammer", 0),
    ("shooting_star", 0),
    ("doji", 0),
    ("vp_poc_distance", 49),
    ("vp_in_value_area", 49),
];

/// Name, warm-up and clock of every feature, in order.
fn catalogue() -> Vec<(String, u32, Option<&'static str>)> {
    let clocks = [
        ("s_", None, SHORT.as_slice()),
        ("m_", Some("m bars"), &CASCADE),
        ("l_", Some("l bars"), &CASCADE),
        ("t1m_", Some("t1m bars"), &TIME),
        ("t15m_", Some("t15m bars"), &TIME),
        ("t4h_", Some("t4h bars"), &TIME),
    ];
    let mut all = Vec::new();
    for (prefix, clock, own) in clocks {
        let common = COMMON.iter().map(|name| (*name, u32::from(name.starts_with("log_return"))));
        let age = clock.map(|_| ("age_s", 0));
        let features = common.chain(own.iter().copied()).chain(age);
        all.extend(features.map(|(name, warm_up)| (format!("{prefix}{name}"), warm_up, clock)));
    }
    all
}

#[test]
fn names_order_warm_up_and_clock_are_the_catalogues() {
    let set = Multires::new(&[]).unwrap();
    let features = set.schema().features();
    let found: Vec<_> = features.iter().map(|f| (f.name.to_owned(), f.warm_up, f.clock)).collect();
    assert_eq!(found, catalogue());
    assert_eq!(set.schema().width(), 285);
    assert_eq!(features.iter().map(|f| f.name).collect::<BTreeSet<_>>().len(), 285);
    assert!(features.iter().all(|f| !f.doc.is_empty() && !f.formula.is_empty()));
    assert_eq!(set.schema().warm_up(), 33, "in rows: the longest of the short bars");
    assert_eq!(set.schema().clocked().count(), 285 - 54);
    assert_eq!(set.takes(), [EventKind::Trade, EventKind::Clock]);
}

#[test]
fn parameters_have_limits_and_must_fit() {
    let refused = |changes: &[(&str, u32)]| {
        let params: Vec<_> =
            changes.iter().map(|(name, value)| Param { name: (*name).to_owned(), value: *value }).collect();
        Multires::new(&params).err().map(|error| error.to_string())
    };
    let limits = "parameter short_quote of set multires is 0; expected 1 to 4000000000";
    assert_eq!(refused(&[("short_quote", 0)]).as_deref(), Some(limits));
    let limits = "parameter medium_shorts of set multires is 10001; expected 1 to 10000";
    assert_eq!(refused(&[("medium_shorts", 10_001)]).as_deref(), Some(limits));
    let rule = "parameters of set multires: t15m_seconds and t4h_seconds must be multiples of t1m_seconds";
    assert_eq!(refused(&[("t1m_seconds", 7)]).as_deref(), Some(rule));
    assert_eq!(refused(&[("t4h_seconds", 14_430)]).as_deref(), Some(rule));
    assert_eq!(
        refused(&[("t1m_seconds", 50), ("t15m_seconds", 50), ("t4h_seconds", 4_000_000)]).as_deref(),
        Some("parameter t4h_seconds of set multires is 4000000; expected 1 to 604800")
    );
    assert_eq!(refused(&[("t1m_seconds", 45), ("t15m_seconds", 450)]), None);
    assert_eq!(
        refused(&[("t2m_seconds", 1)]).as_deref(),
        Some(
            "set multires has no parameter \"t2m_seconds\"; it has: short_quote, medium_shorts, long_mediums, \
             t1m_seconds, t15m_seconds, t4h_seconds"
        )
    );
    let hash = |params: &[Param]| Multires::new(params).unwrap().schema().hash();
    assert_ne!(hash(&[]), hash(&[Param { name: "long_mediums".to_owned(), value: 17 }]));
}
