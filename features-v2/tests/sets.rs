//! Every set is held to the conformance suite: on walking bars, and on bars of every degenerate kind.

use feature_api::{Bar, FeatureSet, Param, ParamError, Position};
use features_v2::{Core, Entry, Exit, SETS, by_name};
use testkit::inputs::{Stream, Takers, bars, walk_bars, walk_positions};
use testkit::set::{SetCase, conform_set};

/// Bars that hold the longest warm-up (574) and window (575) with room behind.
const ROWS: usize = 640;

type Positions = Vec<(usize, Option<Position>)>;

fn conform<S: FeatureSet>(name: &str, bars: &[Bar], positions: &Positions, stride: usize) {
    conform_set::<S>(&SetCase {
        name,
        params: &[],
        bars,
        positions,
        stride,
        converging: Some(&walk_bars(20_000, 3)),
    });
}

#[test]
fn core_conforms_at_every_row() {
    conform::<Core>("core", &walk_bars(ROWS, 1), &Positions::new(), 1);
}

#[test]
fn entry_conforms_at_every_row() {
    conform::<Entry>("entry", &walk_bars(ROWS, 1), &Positions::new(), 1);
}

#[test]
fn exit_conforms_at_every_row() {
    let bars = walk_bars(ROWS, 1);
    let positions = walk_positions(&bars, 1);
    assert!(positions.len() > 4, "positions open and close");
    conform::<Exit>("exit", &bars, &positions, 1);
}

#[test]
fn every_set_conforms_on_degenerate_bars() {
    for (index, stream) in Stream::ALL.into_iter().enumerate() {
        let takers = [Takers::Always, Takers::Never, Takers::Mixed][index % 3];
        let bars = bars(stream, ROWS, 7, takers);
        let positions = walk_positions(&bars, 7);
        conform::<Core>(&format!("core on {}", stream.name()), &bars, &Positions::new(), 40);
        conform::<Entry>(&format!("entry on {}", stream.name()), &bars, &Positions::new(), 40);
        conform::<Exit>(&format!("exit on {}", stream.name()), &bars, &positions, 40);
    }
}

#[test]
fn other_parameters_conform_and_have_another_schema_hash() {
    for (set, name, value) in [
        ("core", "rsi", 9),
        ("core", "bands", 50),
        ("entry", "vwap", 60),
        ("entry", "momentum", 250),
        ("exit", "regime", 31),
    ] {
        let params = [Param { name: name.to_owned(), value }];
        let hash = |params: &[Param]| by_name(set, params).unwrap().schema().hash();
        assert_ne!(hash(&[]), hash(&params), "{set}.{name}");
    }
    let bars = walk_bars(ROWS, 5);
    let params = |list: &[(&str, u32)]| -> Vec<Param> {
        list.iter().map(|(name, value)| Param { name: (*name).to_owned(), value: *value }).collect()
    };
    conform_set::<Core>(&SetCase {
        name: "core, other windows",
        params: &params(&[
            ("rsi", 2),
            ("macd_fast", 1),
            ("macd_slow", 2),
            ("macd_signal", 1),
            ("bands", 1),
            ("ema", 1),
            ("atr", 1),
            ("stochastic", 1),
            ("stochastic_k", 1),
            ("stochastic_d", 1),
            ("vwap", 1),
        ]),
        bars: &bars,
        positions: &[],
        stride: 20,
        converging: Some(&walk_bars(20_000, 3)),
    });
    conform_set::<Entry>(&SetCase {
        name: "entry, other windows",
        params: &params(&[
            ("momentum", 250),
            ("levels", 40),
            ("levels_swing", 2),
            ("profile", 30),
            ("vwap", 20),
            ("long", 50),
            ("volume", 300),
            ("bands", 90),
            ("atr", 120),
            ("swing", 1),
        ]),
        bars: &bars,
        positions: &[],
        stride: 20,
        converging: Some(&walk_bars(20_000, 3)),
    });
}

#[test]
fn parameters_outside_their_limits_are_refused_by_name() {
    let refused = |set: &str, name: &str, value| {
        by_name(set, &[Param { name: name.to_owned(), value }]).err().map(|error| error.to_string())
    };
    assert_eq!(
        refused("core", "rsi", 0).as_deref(),
        Some("parameter rsi of set core is 0; expected 1 to 1000")
    );
    assert_eq!(
        refused("exit", "ma", 1_001).as_deref(),
        Some("parameter ma of set exit is 1001; expected 1 to 1000")
    );
    assert!(refused("core", "rsi_period", 3).is_some_and(|text| text.contains("it has: rsi, macd_fast")));
    assert!(refused("score", "rsi", 3).is_some_and(|text| text.contains("it has: core, entry, exit")));
    for set in SETS {
        assert!(refused(set, "macd_slow", 12).is_some_and(|text| text.contains("macd_fast must be below")));
    }
    assert!(matches!(
        Core::new(&[Param { name: "ema".to_owned(), value: 5_000 }]),
        Err(ParamError::OutOfRange { .. })
    ));
}

/// The contract: names and order as in the catalogue, here written a second time on purpose.
#[test]
fn names_order_and_warm_up_are_the_catalogues() {
    let expected: [(&str, &[(&str, u32)]); 3] = [
        (
            "core",
            &[
                ("rsi", 14),
                ("macd", 33),
                ("macd_signal", 33),
                ("bb_upper", 19),
                ("bb_lower", 19),
                ("ema_20", 19),
                ("atr", 14),
                ("log_return", 1),
                ("stoch_k", 15),
                ("stoch_d", 17),
                ("vwap", 13),
                ("bb_width", 19),
                ("normalized_close", 19),
                ("normalized_volume", 19),
                ("close", 0),
                ("open", 0),
                ("high", 0),
                ("low", 0),
                ("volume", 0),
            ],
        ),
        (
            "entry",
            &[
                ("close_change_1", 1),
                ("close_change_3", 3),
                ("volume_ma_ratio", 19),
                ("rsi", 14),
                ("macd", 33),
                ("macd_signal", 33),
                ("macd_diff", 33),
                ("bb_high", 19),
                ("bb_mid", 19),
                ("bb_low", 19),
                ("distance_to_support_pct", 200),
                ("distance_to_resistance_pct", 200),
                ("num_support_touches", 200),
                ("num_resistance_touches", 200),
                ("upper_trendline_slope", 50),
                ("lower_trendline_slope", 50),
                ("price_vs_upper_trendline_pct", 50),
                ("price_vs_lower_trendline_pct", 50),
                ("rsi_bullish_divergence", 44),
                ("rsi_bearish_divergence", 44),
                ("macd_bullish_divergence", 63),
                ("macd_bearish_divergence", 63),
                ("double_top", 20),
                ("double_bottom", 20),
                ("higher_highs_lows", 30),
                ("lower_highs_lows", 30),
                ("taker_imbalance", 0),
                ("volume_price_correlation", 19),
                ("price_volume_trend", 1),
                ("body_to_range_ratio", 0),
                ("upper_shadow_ratio", 0),
                ("lower_shadow_ratio", 0),
                ("bullish_engulfing", 1),
                ("bearish_engulfing", 1),
                ("hammer", 0),
                ("shooting_star", 0),
                ("doji", 0),
                ("distance_from_recent_high_pct", 20),
                ("bearish_candle_count", 0),
                ("red_candle_volume_ratio", 10),
                ("strong_selling_pressure", 0),
                ("price_momentum_near_resistance", 200),
                ("rsi_from_recent_peak", 34),
                ("consecutive_up_candles", 0),
                ("ma_200", 199),
                ("ema_200", 199),
                ("rsi_200", 200),
                ("atr_200", 200),
                ("vp_poc", 100),
                ("vp_value_area_high", 100),
                ("vp_value_area_low", 100),
                ("vp_distance_to_poc_pct", 100),
                ("vp_in_value_area", 100),
                ("vp_percentile", 100),
                ("vp_volume_imbalance", 100),
                ("vwap", 287),
                ("vwap_distance_pct", 287),
                ("vwap_above", 287),
                ("vwap_band_position", 574),
                ("vp_value_area_width_pct", 100),
                ("vp_price_in_va_position", 100),
                ("vp_poc_momentum", 105),
                ("vp_va_midpoint_momentum", 105),
                ("vp_strong_buy_pressure", 100),
                ("vp_strong_sell_pressure", 100),
                ("vp_poc_distance_normalized", 100),
                ("vp_above_va_breakout", 101),
                ("vp_below_va_breakout", 101),
                ("vwap_momentum", 292),
                ("vwap_vs_ma20", 287),
                ("vwap_distance_normalized", 287),
                ("vwap_cross_up", 288),
                ("vwap_cross_down", 288),
                ("vwap_overbought", 574),
                ("vwap_oversold", 574),
                ("vwap_bullish_divergence", 292),
                ("vwap_bearish_divergence", 292),
                ("vp_vwap_bullish_confluence", 287),
                ("vp_vwap_bearish_confluence", 287),
                ("vp_vwap_alignment", 287),
                ("vwap_near_vp_support", 287),
                ("vwap_near_vp_resistance", 287),
                ("institutional_activity_zone", 287),
                ("vp_vwap_trend_alignment", 292),
                ("vp_efficiency", 100),
            ],
        ),
        (
            "exit",
            &[
                ("rsi", 14),
                ("macd", 33),
                ("macd_signal", 33),
                ("atr", 14),
                ("ema_12", 11),
                ("trend_strength", 25),
                ("volatility_regime", 119),
                ("volume_surge", 19),
                ("price_acceleration", 2),
                ("volume_ratio", 19),
                ("price_vs_ma50", 49),
                ("volatility_20", 20),
                ("rsi_slope", 17),
                ("rsi_overbought", 14),
                ("rsi_oversold", 14),
                ("macd_histogram_slope", 36),
                ("macd_crossover", 34),
                ("macd_crossunder", 34),
                ("higher_high", 1),
                ("lower_low", 1),
                ("bb_position", 19),
                ("time_held", 0),
                ("current_pnl_pct", 0),
                ("pnl_from_peak", 0),
                ("volatility_since_entry", 0),
            ],
        ),
    ];
    for (set, expected) in expected {
        let schema = by_name(set, &[]).unwrap().schema().clone();
        let found: Vec<_> = schema.features().iter().map(|f| (f.name, f.warm_up)).collect();
        assert_eq!(found, expected, "{set}");
        assert!(schema.features().iter().all(|f| !f.doc.is_empty() && !f.formula.is_empty()), "{set}");
    }
}

/// Of equal names in two sets, the values are equal too.
#[test]
fn the_same_name_is_the_same_number_in_every_set() {
    let bars = walk_bars(400, 9);
    let columns = |set: &str| {
        let mut set = by_name(set, &[]).unwrap();
        let mut columns = feature_api::Columns::new(set.schema().width());
        set.update_bars(&bars, &mut columns).unwrap();
        (set.schema().clone(), columns)
    };
    let (entry, entry_columns) = columns("entry");
    let mut shared = 0;
    for other in ["core", "exit"] {
        let (schema, columns) = columns(other);
        for (index, feature) in schema.features().iter().enumerate() {
            // The volume-weighted prices are named alike and have different windows, by the catalogue.
            let Some(twin) = entry.index_of(feature.name).filter(|_| feature.name != "vwap") else {
                continue;
            };
            shared += 1;
            for row in 0..bars.len() {
                let bits = |value: Option<f64>| value.map(f64::to_bits);
                assert_eq!(
                    bits(columns.get(row, index)),
                    bits(entry_columns.get(row, twin)),
                    "{} of {other} at row {row}",
                    feature.name
                );
            }
        }
    }
    assert_eq!(shared, 6);
}
