//! A step as a line of JSON.

#![allow(clippy::unwrap_used, clippy::type_complexity, reason = "tests")]

mod support;

use execution::{Bracket, Fill, FillKind, Money, Order};
use feature_api::{Bar, BarFields, Side, UnixNanos};
use observation::{Action, Mapped, Reason};
use runtime::{Record, Step};
use strategy::{Reading, Signal, Why};
use support::{fields, market, price};

/// A step of a bar, owned.
#[derive(Clone)]
struct Sample {
    index: u64,
    bar: BarFields,
    fill: Fill,
    signal: Signal,
    mapped: Mapped,
    lots: i64,
    cash: Money,
    equity: Money,
    reward: f64,
}

fn sample() -> Sample {
    Sample {
        index: 7,
        bar: BarFields {
            ts_available: UnixNanos(180_000_000_005),
            ..fields(2, [10_000, 10_100, 9_900, 10_033], 50)
        },
        fill: Fill {
            order: 3,
            kind: FillKind::Market,
            ts: UnixNanos(120_000_000_000),
            lots: -20,
            price: price(9_999),
            fee: Money::from_units(1_999_800_000_000_001),
            spread: Money::ZERO,
            slippage: Money::ZERO,
        },
        signal: Signal {
            action: Action::Enter { side: Side::Short, stop: Some(0.01), take: Some(0.02) },
            why: Why::Entry,
            entry: Reading::Value(0.1 + 0.2),
            exit: Reading::None,
            edge: Some(-0.000_123),
        },
        mapped: Mapped {
            target: -25,
            order: Some(Order {
                ts_sent: UnixNanos(0),
                id: 4,
                lots: -5,
                bracket: Bracket { stop: Some(price(10_133)), take: Some(price(9_832)) },
            }),
            reason: Some(Reason::Clipped),
            equity: Money::ZERO,
        },
        lots: -20,
        cash: Money::parse("10019.9960002").unwrap(),
        equity: Money::parse("9999.93000000000000001").unwrap(),
        reward: -7e-6,
    }
}

fn text(sample: &Sample) -> String {
    let Sample { index, bar, fill, signal, mapped, lots, cash, equity, reward } = sample.clone();
    let bar = Bar::new(bar).unwrap();
    let fees = Money::ZERO;
    let (fills, trades) = (&[fill][..], &[][..]);
    let step = Step { index, bar: &bar, fills, trades, signal, mapped, lots, cash, fees, equity, reward };
    serde_json::to_string(&Record::of(&step, &market())).unwrap()
}

#[test]
fn a_record_is_written_like_this() {
    assert_eq!(
        text(&sample()),
        r#"{"bar":7,"ts_event":180000000000,"ts_available":180000000005,"close":1003.3,"#.to_owned()
            + r#""entry":0.30000000000000004,"exit":"none","edge":-0.000123,"action":"enter-short","exposure":null,"#
            + r#""why":"entry","target":-25,"limited_by":"clipped","#
            + r#""order":{"id":4,"lots":-5,"stop":1013.3,"take":983.2},"#
            + r#""fills":[{"order":3,"kind":"market","lots":-20,"price":999.9,"fee":"0.001999800000000001"}],"#
            + r#""lots":-20,"cash":"10019.9960002","equity":"9999.93000000000000001","reward":-7e-6}"#
    );
}

#[test]
fn every_name_is_written() {
    let with = |change: &dyn Fn(&mut Sample)| {
        let mut sample = sample();
        change(&mut sample);
        serde_json::from_str::<serde_json::Value>(&text(&sample)).unwrap()
    };
    for (reading, name) in [
        (Reading::None, "none"),
        (Reading::WarmUp, "warm-up"),
        (Reading::NotReady, "not-ready"),
        (Reading::Blocked, "blocked"),
        (Reading::Value(f64::NEG_INFINITY), "-inf"),
    ] {
        let record = with(&|sample| (sample.signal.entry, sample.signal.exit) = (reading, reading));
        assert_eq!((&record["entry"], &record["exit"]), (&name.into(), &name.into()));
    }
    let enter = |side| Action::Enter { side, stop: None, take: None };
    for (action, name) in [
        (Action::Hold, "hold"),
        (Action::Flat, "flat"),
        (enter(Side::Long), "enter-long"),
        (enter(Side::Short), "enter-short"),
        (Action::Exposure(0.25), "exposure"),
    ] {
        let record = with(&|sample| sample.signal.action = action);
        let share = if name == "exposure" { 0.25.into() } else { serde_json::Value::Null };
        assert_eq!((&record["action"], &record["exposure"]), (&name.into(), &share));
    }
    for (kind, name) in [(FillKind::Market, "market"), (FillKind::Stop, "stop"), (FillKind::Take, "take")] {
        assert_eq!(with(&|sample| sample.fill.kind = kind)["fills"][0]["kind"], name);
    }
    let nothing = with(&|sample| sample.mapped = Mapped { order: None, reason: None, ..sample.mapped });
    assert!(nothing["order"].is_null() && nothing["limited_by"].is_null());
}

fn next(value: &mut f64) {
    *value = f64::from_bits(value.to_bits() + 1);
}

fn unit(money: &mut Money) {
    *money = Money::from_units(money.units() + 1);
}

#[test]
fn a_number_that_differs_in_its_last_bit_shows() {
    let next_reading = |reading: &mut Reading, value: f64| *reading = Reading::Value(value.next_up());
    let changes: Vec<(&str, Box<dyn Fn(&mut Sample)>)> = vec![
        ("bar", Box::new(|sample| sample.index += 1)),
        ("ts_event", Box::new(|sample| sample.bar.ts_close.0 -= 1)),
        ("ts_available", Box::new(|sample| sample.bar.ts_available.0 += 1)),
        ("close", Box::new(|sample| sample.bar.close = price(10_034))),
        ("entry", Box::new(move |sample| next_reading(&mut sample.signal.entry, 0.1 + 0.2))),
        ("exit", Box::new(move |sample| next_reading(&mut sample.signal.exit, 0.5))),
        ("edge", Box::new(|sample| sample.signal.edge.iter_mut().for_each(next))),
        ("exposure", Box::new(|sample| sample.signal.action = Action::Exposure(0.1))),
        ("exposure", Box::new(|sample| sample.signal.action = Action::Exposure(0.1_f64.next_up()))),
        ("exposure", Box::new(|sample| sample.signal.action = Action::Exposure(0.0))),
        ("exposure", Box::new(|sample| sample.signal.action = Action::Exposure(-0.0))),
        ("why", Box::new(|sample| sample.signal.why = Why::Holding)),
        ("target", Box::new(|sample| sample.mapped.target += 1)),
        ("limited_by", Box::new(|sample| sample.mapped.reason = Some(Reason::Price))),
        ("order.id", Box::new(|sample| sample.mapped.order.iter_mut().for_each(|order| order.id += 1))),
        ("order.lots", Box::new(|sample| sample.mapped.order.iter_mut().for_each(|order| order.lots += 1))),
        (
            "order.stop",
            Box::new(|sample| {
                sample.mapped.order.iter_mut().for_each(|order| order.bracket.stop = Some(price(10_134)))
            }),
        ),
        (
            "order.take",
            Box::new(|sample| {
                sample.mapped.order.iter_mut().for_each(|order| order.bracket.take = Some(price(9_833)))
            }),
        ),
        ("fills.order", Box::new(|sample| sample.fill.order += 1)),
        ("fills.lots", Box::new(|sample| sample.fill.lots += 1)),
        ("fills.price", Box::new(|sample| sample.fill.price = price(9_998))),
        ("fills.fee", Box::new(|sample| unit(&mut sample.fill.fee))),
        ("lots", Box::new(|sample| sample.lots += 1)),
        ("cash", Box::new(|sample| unit(&mut sample.cash))),
        ("equity", Box::new(|sample| unit(&mut sample.equity))),
        ("reward", Box::new(|sample| next(&mut sample.reward))),
    ];
    let mut texts = vec![("nothing", text(&sample()))];
    for (name, change) in &changes {
        let mut sample = sample();
        change(&mut sample);
        texts.push((name, text(&sample)));
    }
    for (index, (name, one)) in texts.iter().enumerate() {
        for (other_name, other) in &texts[..index] {
            assert_ne!(one, other, "{name} and {other_name}");
        }
    }
}

#[test]
fn floats_read_back() {
    for bits in
        [1, 0x3ff0_0000_0000_0001, 0x7fef_ffff_ffff_ffff, 0x8000_0000_0000_0000_u64, 0xbfb9_9999_9999_999a]
    {
        let reward = f64::from_bits(bits);
        let record: serde_json::Value = serde_json::from_str(&text(&Sample { reward, ..sample() })).unwrap();
        assert_eq!(record["reward"].as_f64().map(f64::to_bits), Some(bits), "{reward:e}");
    }
}
