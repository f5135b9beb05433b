//! Each layout on a few lines of text.

use market_data::{EventFormat, EventOptions, TimeFormat};

use super::{lines, read_text};

fn read(text: &str) -> Vec<String> {
    lines(&read_text(text, &EventOptions::default()).unwrap_or_else(|error| panic!("{error}")))
}

const TRADE: &str = "trade 1723161256322000000 1723161256322000000 #7 sell 0.006 at 61800.3";

#[test]
fn exchange_trades_have_a_header_or_none() {
    let row = "7,61800.30,0.006,370.8018,1723161256322,true";
    let header = "id,price,qty,quote_qty,time,is_buyer_maker";
    for text in [
        format!("{header}\n{row}\n"),
        format!("{row}\n"),
        // Spot: is_best_match behind; since 2025 microseconds; True as Python writes it; no line end.
        "7,61800.30000000,0.00600000,370.80180000,1723161256322,True,True\n".to_owned(),
        "7,61800.30000000,0.00600000,370.80180000,1723161256322000,True,True\r\n".to_owned(),
        row.to_owned(),
        format!("\u{feff}{header}\r\n\r\n{row}\r\n"),
        "id,price,qty,base_qty,time,is_buyer_maker\n7,61800.3,0.006,0.1,1723161256322,TRUE\n".to_owned(),
    ] {
        assert_eq!(read(&text), [TRADE], "{text}");
    }
    let received = "trade 1723161256322000000 1723161255088176367 #7 buy 4 at 61804.8";
    assert_eq!(read("7,61804.8,4,0.1,1723161256322,false,1723161255088176367\n"), [received]);
    let named = format!("{header},local_ns\n7,61804.8,4,0.1,1723161256322,false,1723161255088176367\n");
    assert_eq!(read(&named), [received]);
}

#[test]
fn aggregated_trades_are_trades() {
    let row = "7,61800.30,0.006,101,103,1723161256322,true";
    let header = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";
    for text in [format!("{header}\n{row}\n"), row.to_owned(), format!("{row},true\n")] {
        assert_eq!(read(&text), [TRADE], "{text}");
    }
}

#[test]
fn book_tickers_of_spot_have_no_time_of_their_own() {
    let header = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time,local_ns";
    let spot = "9,61837.63,3.78826,61837.64,1.5,,,1723161254087891268";
    let quote = "quote 1723161254087891268 1723161254087891268 #9 3.78826x61837.63 | 1.5x61837.64";
    assert_eq!(read(&format!("{header}\n{spot}\n")), [quote]);
    assert_eq!(read(&format!("{spot}\n")), [quote]);
    // The transaction first, the event where there is none.
    let futures = "9,61837.63,3.78826,61837.64,1.5,1723161257465,1723161257476,1723161254087891268\n\
                   10,,,61837.64,1.5,,1723161257477,1723161254087891269\n";
    let quotes = [
        "quote 1723161257465000000 1723161254087891268 #9 3.78826x61837.63 | 1.5x61837.64",
        "quote 1723161257477000000 1723161254087891269 #10 0x0 | 1.5x61837.64",
    ];
    assert_eq!(read(&format!("{header}\n{futures}")), quotes);
    assert_eq!(
        read("9,61837.63,3.78826,61837.64,1.5,1723161257465,1723161257476\n"),
        ["quote 1723161257465000000 1723161257465000000 #9 3.78826x61837.63 | 1.5x61837.64"]
    );
}

#[test]
fn depth_rows_are_grouped_by_their_ids() {
    let rows = "BTCUSDT,1667346579146,5,5,a,snap,101,2,-1\n\
                BTCUSDT,1667346579146,5,5,b,snap,99,1,-1\n\
                BTCUSDT,1667346579146,5,5,b,snap,100,1.5,-1\n\
                BTCUSDT,1667346579150,6,8,b,set,100,0,5\n\
                BTCUSDT,1667346579150,6,8,a,set,101,3,5\n\
                BTCUSDT,1667346579150,9,9,a,set,102,1,8\n";
    let events = [
        "snapshot 1667346579146000000 1667346579146000000 #5 1.5x100 1x99 | 2x101",
        "delta 1667346579150000000 1667346579150000000 #6..8 after Some(5) 0x100 | 3x101",
        "delta 1667346579150000000 1667346579150000000 #9..9 after Some(8)  | 1x102",
    ];
    assert_eq!(read(rows), events);
    let header = "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu\n";
    assert_eq!(read(&format!("{header}{rows}")), events);
}

#[test]
fn ids_that_are_no_numbers_become_hashes() {
    let header = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n";
    let id = "ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf";
    let text = format!("{header}bitmex,XBTUSD,1583020803145000,1583020803307160,{id},sell,8531.5,2152\n");
    // FNV-1a of the text, computed by another program.
    assert_eq!(
        read(&text),
        ["trade 1583020803145000000 1583020803307160000 #17941946198506861210 sell 2152 at 8531.5"]
    );
}

#[test]
fn snapshots_may_be_thin() {
    let header = "exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,\
                  bids[0].amount,asks[1].price,asks[1].amount,bids[1].price,bids[1].amount\n";
    let rows = "x,A,1598918403696000,1598918403810979,101,1,100,2,,,99,3\n\
                x,A,1598918403696001,1598918403810980,,,,,,,,\n";
    assert_eq!(
        read(&format!("{header}{rows}")),
        [
            "snapshot 1598918403696000000 1598918403810979000 #0 2x100 3x99 | 1x101",
            "snapshot 1598918403696001000 1598918403810980000 #0  | ",
        ]
    );
}

#[test]
fn any_usual_names_will_do() {
    for text in [
        "timestamp,price,qty,side\n1723161256.322,61800.3,6e-3,sell\n",
        "Price,Amount,Side,Date\n61800.3,0.006,Sell,2024-08-08T23:54:16.322Z\n",
        "time,side,price,size,note\n2024-08-08 23:54:16.322,S,61800.3,0.006,\"a, b\"\n",
        "\"ts\",\"price\",\"quantity\",\"is_buyer_maker\"\n1723161256322,61800.3,0.006,1\n",
        "ts_event,price,size,aggressor\n1723161256322000000,61800.3,0.006,SELL\n",
    ] {
        // Without ids trades are numbered as they come.
        assert_eq!(read(text), [TRADE.replace("#7", "#1")], "{text}");
    }
    for text in [
        "timestamp,bid_price,bid_qty,ask_price,ask_qty\n1723161256322,99.5,1,100,2\n",
        "time,bid,ask,bid_size,ask_size\n2024-08-08T23:54:16.322Z,99.5,100,1,2\n",
    ] {
        let quote = "quote 1723161256322000000 1723161256322000000 #0 1x99.5 | 2x100";
        assert_eq!(read(text), [quote], "{text}");
    }
    let received = "ts_recv,bid_price,bid_qty,ask_price,ask_qty\n1723161256322000001,99.5,1,100,2\n";
    assert_eq!(read(received), ["quote 1723161256322000001 1723161256322000001 #0 1x99.5 | 2x100"]);
}

#[test]
fn what_is_said_is_not_guessed() {
    let text = "timestamp,price,qty,side\n08/08/2024 23:54,61800.3,0.006,sell\n";
    let options = EventOptions {
        time: TimeFormat::Text("%m/%d/%Y %H:%M".to_owned()),
        format: Some(EventFormat::GenericTrades),
        ..EventOptions::default()
    };
    let events = lines(&read_text(text, &options).unwrap());
    assert_eq!(events, ["trade 1723161240000000000 1723161240000000000 #1 sell 0.006 at 61800.3"]);
    // Prices below zero are prices.
    assert_eq!(
        read("timestamp,price,qty,side\n1587405600,-37.63,10,sell\n"),
        ["trade 1587405600000000000 1587405600000000000 #1 sell 10 at -37.63"]
    );
}
