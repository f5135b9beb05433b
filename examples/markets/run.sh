#!/usr/bin/env bash
# What models of the sets `entry` and `exit` earn on recorded markets, as the README's table has it.
#
#   examples/markets/run.sh DATA OUT
#
# DATA is the folder of recorded bars (ISOBAR_DATA), OUT a new one for datasets, models and pages. `isobar` must be on the
# path. Features in units of price are left out: later prices lie where no tree has split.
set -euo pipefail
data=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
mkdir "$2" && cd "$2"

price_units=macd,macd_signal,macd_diff,bb_high,bb_mid,bb_low,upper_trendline_slope,lower_trendline_slope,ma_200,ema_200
price_units=$price_units,atr_200,vp_poc,vp_value_area_high,vp_value_area_low,vwap
exit_price_units=macd,macd_signal,atr,ema_12,price_acceleration,macd_histogram_slope
model=(--trees 100 --depth 3 --min-leaf-weight 50 --subsample 0.5 --nulls median)

market() { # name, file, bars of the label, layout of the file
    local name=$1 bars="$data/$2" horizon=$3
    shift 3
    mkdir "$name"
    cp "$here/$name.toml" "$name/bot.toml"
    (
        cd "$name"
        isobar build --features 1 --set entry --bars "$bars" "$@" --label "direction:horizon=$horizon" --out entry-data
        isobar train --data entry-data "${model[@]}" --drop "$price_units" --out entry.iso
        isobar build --features 1 --set exit --bars "$bars" "$@" --label "direction:horizon=$((horizon / 2))" \
            --hold "$horizon" --out exit-data
        isobar train --data exit-data "${model[@]}" --drop "$exit_price_units" --out exit.iso
        isobar backtest --config bot.toml --bars "$bars" "$@" --out-of-sample --report report.html --trades trades.csv
    )
}

market btc bars-crypto-1m/btc-perp-20211231-20220201_1m.csv.gz 120 --float-noise round
market eurusd lean-forex/oanda_hour_eurusd.csv.gz 24 --volume none \
    --columns time,open,high,low,close,_,_,_,_,_,_ --time-format '%Y%m%d %H:%M'
market spy lean-equity/hour_spy.csv.gz 14 --columns time,open,high,low,close,volume --time-format '%Y%m%d %H:%M'
