//! What is not as it must be is refused, in these words.

use std::path::Path;

use feature_api::{Columns, Row};
use market_data::table::TableWriter;
use market_data::{EventFormat, EventOptions, EventStream, MarketDataError, ProblemKind, open_events};

use proptest::prelude::*;

use super::{all, read, read_text};

fn refused_as(text: &str, options: &EventOptions) -> String {
    let error = match read_text(text, options) {
        Ok(events) => panic!("{events:?}"),
        Err(error) => error.to_string(),
    };
    let (_, message) = error.split_once("events.csv").unwrap();
    message.to_owned()
}

fn refused(text: &str) -> String {
    refused_as(text, &EventOptions::default())
}

/// The problems of a text of trades whose rows stand under the exchange's header.
fn of_trades(rows: &str) -> String {
    refused(&format!("id,price,qty,quote_qty,time,is_buyer_maker\n{rows}"))
}

fn one(problem: &str) -> String {
    format!(": 1 problem\n  {problem}\ncorrect the file")
}

#[test]
fn an_empty_file_is_refused_and_a_header_alone_is_a_day_without_events() {
    let empty = ": empty; expected events under a header such as timestamp,price,qty,side; a day without events is a \
                 header alone";
    assert_eq!(refused(""), empty);
    assert_eq!(refused("\n  \n"), empty);
    let options = EventOptions { grid: feature_api::Grid::new(2, 3).ok(), ..EventOptions::default() };
    assert_eq!(read_text("timestamp,price,qty,side\n", &options).unwrap(), []);
}

#[test]
fn an_unknown_first_line_is_shown() {
    let rest = "; expected a recorded capture, a file of the exchange's trades, aggTrades, bookTicker or depth, or a \
                header such as timestamp,price,qty,side or timestamp,bid_price,bid_qty,ask_price,ask_qty; name the \
                columns in a first line, or say the format";
    for (text, first) in
        [("a,b\n1,2\n", "a,b"), ("1,2,3\n", "1,2,3"), ("1723161256322,1,2,buy\n", "1723161256322,1,2,buy")]
    {
        assert_eq!(refused(text), format!(": no format of events begins with {first:?}{rest}"));
    }
}

#[test]
fn every_missing_column_is_named() {
    assert_eq!(
        refused("timestamp,price,qty\n1723161256322,1,2\n"),
        ": no column for side; found \"timestamp\", \"price\", \"qty\"; a file of trades has columns such as \
         timestamp,price,qty,side; name the columns in the first line; which side took is not to be had from prices, \
         and order flow needs it: a column side says buy or sell, or a column is_buyer_maker true or false"
    );
    assert_eq!(
        refused("id,price,quote_qty,is_buyer_maker\n1,2,3,true\n"),
        ": no column for time, quantity; found \"id\", \"price\", \"quote_qty\", \"is_buyer_maker\"; a file of \
         exchange trades has columns such as id,price,qty,quote_qty,time,is_buyer_maker; name the columns in the first line"
    );
    assert_eq!(
        refused("time,bid,ask\n1,2,3\n"),
        ": no column for bid_quantity, ask_quantity; found \"time\", \"bid\", \"ask\"; a file of quotes has columns such as \
         timestamp,bid_price,bid_qty,ask_price,ask_qty; name the columns in the first line"
    );
    assert_eq!(
        refused("timestamp,asks[0].price,asks[0].amount,bids[0].price\n1,2,3,4\n"),
        ": no column for bids[0].price and bids[0].amount; found \"timestamp\", \"asks[0].price\", \
         \"asks[0].amount\", \"bids[0].price\"; a file of Tardis book snapshots has columns such as \
         exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount; name \
         the columns in the first line"
    );
    assert_eq!(
        refused("symbol,timestamp,last_update_id,side,update_type,price,qty,pu\na,1,2,b,set,1,1,1\n"),
        ": no column for first_update_id; found \"symbol\", \"timestamp\", \"last_update_id\", \"side\", \
         \"update_type\", \"price\", \"qty\", \"pu\"; a file of exchange depth has columns such as \
         symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu; name the columns in the first \
         line"
    );
    // A format that is said, and a file of another.
    let options = EventOptions { format: Some(EventFormat::GenericTrades), ..EventOptions::default() };
    assert!(
        refused_as("1,2,3\n", &options)
            .starts_with(": no column for time, price, quantity, side; found \"1\"")
    );
}

#[test]
fn two_columns_for_one_thing_are_refused() {
    for (header, role, found) in [
        ("time,price,qty,amount,side", "quantity", "\"qty\", \"amount\""),
        ("time,price,qty,side,is_buyer_maker", "side", "\"side\", \"is_buyer_maker\""),
        ("date,time,price,qty,side", "time", "\"date\", \"time\""),
    ] {
        assert_eq!(
            refused(&format!("{header}\n1,1,1,1,1\n")),
            format!(": more than one column for {role}: {found}; leave one of them in the file")
        );
    }
}

#[test]
fn a_row_that_is_cut_off_is_named() {
    assert_eq!(
        of_trades("1,2,3,6,1723161256322,true\n2,2,3,6,17231"),
        one(
            "line 3: 5 cells; expected 6, one for each column; where this is the last line, the file was cut off"
        )
    );
    assert_eq!(
        of_trades("1,2,3,6,1723161256322,tr"),
        one("line 2, side: column is_buyer_maker: \"tr\" is neither true nor false; expected one of them")
    );
    assert_eq!(
        of_trades("1,2,3,6,1723161256322,true,9\n"),
        one(
            "line 2: 7 cells; expected 6, one for each column; a comma inside a cell needs quotes around the cell"
        )
    );
}

#[test]
fn every_wrong_cell_of_a_row_is_named() {
    assert_eq!(
        of_trades("x,NaN,0,6,,maybe\n"),
        ": 5 problems\
         \n  line 2, time: the cell is empty; expected a time\
         \n  line 2, id: \"x\" is no id; expected an integer from 0 to 2^64 - 1\
         \n  line 2, price: NaN is not finite; expected a number\
         \n  line 2, quantity: column qty: the quantity is 0; expected one above 0: what says that nothing is there \
         is left out\
         \n  line 2, side: column is_buyer_maker: \"maybe\" is neither true nor false; expected one of them\
         \ncorrect the file"
    );
    for (row, problem) in [
        (
            "1,abc,3,6,1723161256322,true",
            "price: \"abc\" is no number; expected digits with an optional point",
        ),
        (
            "1,2,-3,6,1723161256322,true",
            "quantity: column qty: -3 is below zero; expected a quantity, which is not",
        ),
        ("1,,3,6,1723161256322,true", "price: the cell is empty; expected a number"),
        ("-1,2,3,6,1723161256322,true", "id: \"-1\" is no id; expected an integer from 0 to 2^64 - 1"),
        ("1,2,inf,6,1723161256322,true", "quantity: column qty: inf is not finite; expected a number"),
    ] {
        assert_eq!(of_trades(&format!("{row}\n")), one(&format!("line 2, {problem}")));
    }
    assert_eq!(
        refused("timestamp,price,qty,side\n1723161256322,1,2,up\n"),
        one("line 2, side: \"up\" is no side; expected buy or sell, the side that took")
    );
    assert_eq!(
        refused("timestamp,price,qty,side\n1723161256322,1,2,buy\n1723161256322000,1,2,buy\n"),
        one(
            "line 3, time: column timestamp: 1723161256322000 looks like microseconds, but line 2 like milliseconds; a \
             file has one unit: split it, or pass --time ms"
        )
    );
    assert_eq!(
        refused("timestamp,bid_price,bid_qty,ask_price,ask_qty\n1723161256322,1,,2,1\n"),
        one("line 2, bid_quantity: column bid_qty: the cell is empty; expected a number")
    );
    assert_eq!(
        refused("9,61837.63,3.78826,61837.64,1.5,,\n"),
        one("line 1, time: column transaction_time: the cell is empty; expected a time")
    );
}

#[test]
fn levels_stand_best_first() {
    let of = |row: &str| {
        refused(&format!(
            "timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,\
             bids[1].price,bids[1].amount\n1598918403696000,{row}\n"
        ))
    };
    assert_eq!(
        of("101,1,100,1,101,1,100.5,1"),
        ": 2 problems\
         \n  line 2, bid_price: column bids[1].price: 100.5 is not below 100, the price before it; expected levels \
         best first, each price once\
         \n  line 2, ask_price: column asks[1].price: 101 is not above 101, the price before it; expected levels best \
         first, each price once\
         \ncorrect the file"
    );
    assert_eq!(
        of("101,1,,,102,1,99,1"),
        one(
            "line 2, bid_price: column bids[1].price: there is a level behind one that is empty; expected empty cells at the end only"
        )
    );
    assert_eq!(
        of("101,1,100,1,102,,99,0"),
        ": 2 problems\
         \n  line 2, bid_quantity: column bids[1].amount: the quantity is 0; expected one above 0: what says that \
         nothing is there is left out\
         \n  line 2, ask_quantity: column asks[1].amount: the cell is empty; expected a number\
         \ncorrect the file"
    );
}

#[test]
fn depth_says_its_sides_and_types() {
    assert_eq!(
        refused("A,1667346579146,5,5,x,snap,101,2,-1\n"),
        one("line 1, side: \"x\" is no side of a book; expected b or a")
    );
    let header = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu\n";
    assert_eq!(
        refused(&format!("{header}A,1667346579146,5,5,a,new,101,2,-2\n")),
        ": 2 problems\
         \n  line 2, previous_update_id: column pu: \"-2\" is no id; expected an integer from 0 to 2^64 - 1\
         \n  line 2, update_type: \"new\" is no type of update; expected snap or set\
         \ncorrect the file"
    );
    assert_eq!(
        refused(&format!(
            "{header}A,1667346579146,5,5,a,snap,101,2,-1\nA,1667346579146,5,5,a,snap,101,3,-1\n"
        )),
        one("line 3, price: 101 is on line 2 of the same snapshot already; expected each price once")
    );
}

#[test]
fn a_damaged_file_is_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trades.csv.gz");
    let message = || {
        let error = read(&path, &EventOptions::default()).unwrap_err().to_string();
        error.strip_prefix(&format!("cannot read {} after ", path.display())).unwrap_or(&error).to_owned()
    };
    std::fs::write(&path, "timestamp,price,qty,side\n1723161256322,1,2,buy\n").unwrap();
    assert_eq!(message(), "line 0: invalid gzip header; the file is damaged or cut off");
    let trades = (0..20_000).map(|at| super::round_trip::trade(at, at));
    market_data::write_trades(&path, &mut trades.into_iter()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let cut = message();
    assert!(cut.starts_with("line ") && cut.ends_with("; the file is damaged or cut off"), "{cut}");
    assert!(!cut.starts_with("line 0:"), "{cut}");
    let missing = folder.path().join("none.csv");
    assert!(matches!(read(&missing, &EventOptions::default()), Err(MarketDataError::Open { .. })));
    // A line without an end.
    let long = folder.path().join("long.csv");
    std::fs::write(&long, "x".repeat(100_000)).unwrap();
    assert!(matches!(
        read(&long, &EventOptions::default()),
        Err(MarketDataError::LineTooLong { line: 1, limit: 65_536, .. })
    ));
}

#[test]
fn a_problem_ends_the_stream() {
    let text =
        "timestamp,price,qty,side\n1723161256322,1,2,buy\n1723161256323,x,2,buy\n1723161256324,1,2,buy\n";
    let options = EventOptions { grid: feature_api::Grid::new(0, 0).ok(), ..EventOptions::default() };
    let source = Box::new(text.as_bytes());
    let mut stream = EventStream::from_reader(source, Path::new("pipe"), &options).unwrap();
    assert!(stream.next_event().unwrap().is_some());
    let error = stream.next_event().unwrap_err();
    let MarketDataError::Problems { problems, can_skip: false, .. } = &error else { panic!("{error}") };
    assert_eq!((problems[0].line, problems[0].kind), (3, ProblemKind::Unparsable));
    assert!(matches!(stream.next_event(), Err(MarketDataError::StreamStopped { .. })));
    assert!(all(stream).is_err());
    assert!(open_events(&[], &options).is_ok_and(|stream| all(stream).is_ok_and(|events| events.is_empty())));
}

#[test]
fn damaged_parquet_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let trades: Vec<_> = (0..20).map(|at| super::round_trip::trade(at, at)).collect();
    market_data::write_trades(&path, &mut trades.iter().copied()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        std::fs::write(&path, &bytes).unwrap();
        let options = EventOptions { grid: feature_api::Grid::new(2, 3).ok(), ..EventOptions::default() };
        match read(&path, &options) {
            Ok(events) => assert!(events.len() <= trades.len()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn columns_of_parquet_have_types_that_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    // A table of doubles: one row of 99.5, 1, 100, 2.
    let write = |names: [&str; 4]| {
        let mut row = Row::new(4);
        for (index, value) in [99.5, 1.0, 100.0, 2.0].into_iter().enumerate() {
            row.set(index, Some(value));
        }
        let mut rows = Columns::new(4);
        rows.push(&row);
        let mut table = TableWriter::create(&path, &names).unwrap();
        table.write(&rows).unwrap();
        table.finish().unwrap();
        read(&path, &EventOptions::default()).map(|events| super::lines(&events)).map_err(|error| {
            let error = error.to_string();
            error.split_once("t.parquet").unwrap().1.to_owned()
        })
    };
    assert_eq!(
        write(["bid_price", "bid_qty", "ask_price", "ask_qty"]),
        Ok(vec!["quote 0 0 #0 1x99.5 | 2x100".to_owned()])
    );
    assert_eq!(
        write(["price", "qty", "side", "x"]),
        Err(": column \"side\" is DOUBLE; expected text, an integer or a boolean".to_owned())
    );
}

/// Small files of every layout, as beginnings of damage.
const WHOLE: [&str; 6] = [
    "id,price,qty,quote_qty,time,is_buyer_maker\n7,61800.30,0.006,370.8,1723161256322,true\n8,1,2,2,1723161256323,false\n",
    "9,61837.63,3.7,61837.64,1.5,,,1723161254087891268\n10,61837.63,3.7,,,,,1723161254087891269\n",
    "A,1667346579146,5,5,b,snap,100,2,-1\nA,1667346579146,5,5,a,snap,101,2,-1\nA,1667346579150,6,8,a,set,101,0,5\n",
    "timestamp,last_update_id,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount\n1598918403696000,1,101,1,100,2\n",
    "\"time\",\"side\",\"price\",\"size\"\n2024-08-08T23:54:16.322Z,Sell,61800.3,6e-3\n",
    "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\nx,A,1582329601096000,1582329603502092,0.84,9682,9681.92,0.67\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_damage_makes_a_reader_panic(
        whole in 0..WHOLE.len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
        format in 0..12_usize,
    ) {
        let mut text = WHOLE[whole].as_bytes().to_vec();
        for (at, byte, change) in changes {
            let at = at.index(text.len());
            match change {
                0 => text[at] = byte,
                1 => text.insert(at, b"0123456789-.,\n\"eE{ "[usize::from(byte) % 19]),
                2 => text.truncate(at + 1),
                _ => { text.remove(at); text.push(byte); }
            }
        }
        let rows = text.split(|byte| *byte == b'\n').count();
        let formats = [
            EventFormat::ExchangeTrades,
            EventFormat::ExchangeBookTicker,
            EventFormat::ExchangeDepth,
            EventFormat::TardisSnapshots,
            EventFormat::GenericTrades,
            EventFormat::GenericQuotes,
        ];
        let options = EventOptions {
            grid: feature_api::Grid::new(8, 8).ok(),
            format: formats.get(format).copied(),
            continues: true,
            ..EventOptions::default()
        };
        let source = Box::new(std::io::Cursor::new(text));
        match EventStream::from_reader(source, Path::new("pipe"), &options).and_then(all) {
            Ok(events) => prop_assert!(events.len() <= rows),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
