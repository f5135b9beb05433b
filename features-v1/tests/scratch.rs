use feature_api::*;
use features_v1::*;
#[test]
fn smoke() {
    let bars = testkit::inputs::walk_bars(700, 1);
    for name in SETS {
        let mut set = by_name(name, &[]).unwrap();
        println!("{name} {} params {:?}", set.schema().width(), set.schema().params().len());
        let mut row = Row::new(set.schema().width());
        let mut first = vec![None; set.schema().width()];
        for (t, bar) in bars.iter().enumerate() {
            set.update(Event::Bar(bar), &mut row).unwrap();
            for i in 0..row.width() {
                if first[i].is_none() && row.is_valid(i) {
                    first[i] = Some(t as u32);
                }
            }
        }
        for (i, f) in set.schema().features().iter().enumerate() {
            let ok = first[i] == Some(f.warm_up) || name == "exit" && i >= 21 - 0;
            println!(
                "{i} {} W={} first={:?} {} {:?}",
                f.name,
                f.warm_up,
                first[i],
                if ok { "" } else { "<<<<" },
                row.get(i)
            );
        }
    }
    let out = canonical::output();
    println!("{}", out.hash);
}
