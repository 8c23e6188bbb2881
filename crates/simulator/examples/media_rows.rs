//! Writes the made-up rows or the worklog of the demo city as CSV to standard output:
//! `cargo run -p simulator --example media_rows -- rows|worklog [SEED] > rows.csv`.

use simulator::media::{MediaModel, WorkEntry, places, simulate, worklog};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: media_rows rows|worklog [SEED]";
    let [what, more @ ..] = &arguments[..] else { return Err(usage.into()) };
    let model = MediaModel::parse(include_str!("../../../cities/xiamen/demo/media.toml"))?;
    let places = places(include_str!("../../../cities/xiamen/demo/places.csv"))?;
    let seed = more.first().map_or(Ok(model.seed), |seed| seed.parse())?;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    match what.as_str() {
        "rows" => {
            writeln!(output, "station,time,period,parameter,value,flag")?;
            for row in simulate(&model, &places, seed, model.years())? {
                let (period, flag) = (row.period.name(), row.flag.letter());
                let time = row.time.strftime("%Y-%m-%d %H:%M:%S");
                writeln!(output, "{},{time},{period},{},{},{flag}", row.station, row.parameter, row.value)?;
            }
        }
        "worklog" => {
            writeln!(output, "entry,kind,subject,date,quantity,unit,note")?;
            for entry in worklog(&model, &places, seed)? {
                let WorkEntry { entry, kind, subject, date, quantity, unit, note } = entry;
                writeln!(output, "{entry},{kind},{subject},{date},{quantity},{unit},{note}")?;
            }
        }
        _ => return Err(usage.into()),
    }
    output.flush()?;
    Ok(())
}
