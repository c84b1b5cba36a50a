//! Charts as SVG, drawn on the server: bars for amounts or counts, a line for a rate. Read without a script, without colours and by a screen
//! reader: each has a title, a description, words for each bar, and a table that says the same.

use askama::Template;

const WIDTH: u32 = 720;
const HEIGHT: u32 = 240;
/// Room for the numbers at the left, and for the words below.
const LEFT: u32 = 64;
const RIGHT: u32 = 44;
const TOP: u32 = 12;
const BOTTOM: u32 = 28;
/// At most so many words stand below the bars.
const LABELS: usize = 8;

/// What is drawn at one place of the axis, usually a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Point {
    /// What stands below it.
    pub label: String,
    /// How high the bar is.
    pub value: u128,
    /// The value in words.
    pub shown: String,
    /// The line's height in thousandths; the line is broken where there is none.
    pub permille: Option<u32>,
}

/// A chart's words and points.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Unlike that of any other chart of the page: letters, digits, `-`.
    pub id: String,
    pub title: String,
    pub description: String,
    /// What opens the table.
    pub table_title: String,
    /// Heads of the table: of the labels, the bars and the line; no line is drawn where its head is empty.
    pub label_head: String,
    pub bar_head: String,
    pub line_head: String,
    pub points: Vec<Point>,
    /// The highest value on the axis in words, given the value.
    pub axis: fn(u128) -> String,
}

struct Bar<'c> {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    point: &'c Point,
    rate: String,
}

struct Label<'c> {
    x: u32,
    text: &'c str,
}

struct Grid {
    y: u32,
    text: String,
    rate: String,
}

#[derive(Template)]
#[template(path = "dashboard/chart.html")]
struct Drawn<'c> {
    chart: &'c Chart,
    width: u32,
    height: u32,
    left: u32,
    right: u32,
    below: u32,
    bars: Vec<Bar<'c>>,
    grid: Vec<Grid>,
    labels: Vec<Label<'c>>,
    /// The unbroken pieces of the line, as one path.
    line: String,
    /// Rates with nothing beside them, which a line would not show.
    dots: Vec<(u32, u32)>,
}

/// The chart as a `<figure>`: the SVG, and its table.
///
/// # Errors
/// None of its own: what the template says.
pub fn figure(chart: &Chart) -> Result<String, askama::Error> {
    drawn(chart).render()
}

fn rate(permille: u32) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}

/// Where the axis ends: a round number whose half is round, too.
fn ceiling(value: u128) -> u128 {
    let mut step = 1_u128;
    while let Some(next) = step.checked_mul(10).filter(|next| *next <= value) {
        step = next;
    }
    let half = (step / 2).max(1);
    value.div_ceil(half).max(1).next_multiple_of(2).saturating_mul(half)
}

fn drawn(chart: &Chart) -> Drawn<'_> {
    let (right, base) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let tall = base - TOP;
    let top = ceiling(chart.points.iter().map(|point| point.value).max().unwrap_or(0));
    // the value is at most `top`: the quotient is at most `tall`; a value near the end of the range is drawn from its thousandths
    let high = |value: u128| {
        let scaled =
            value.checked_mul(u128::from(tall)).map_or_else(|| value / (top / u128::from(tall)).max(1), |v| v / top);
        u32::try_from(scaled).unwrap_or(tall).min(tall)
    };
    let count = u32::try_from(chart.points.len()).unwrap_or(u32::MAX).max(1);
    let place = |index: usize| LEFT + u32::try_from(index).unwrap_or(0) * (right - LEFT) / count;
    let slot = ((right - LEFT) / count).max(1);
    let gap = (slot / 5).max(u32::from(slot > 2));
    let bar = |(index, point): (usize, &'_ _)| {
        let point: &Point = point;
        let height = high(point.value).max(u32::from(point.value > 0));
        (place(index) + gap / 2, base - height, height)
    };
    let has_line = !chart.line_head.is_empty();
    let bars = chart.points.iter().enumerate().map(|(index, point)| {
        let (x, y, height) = bar((index, point));
        let rate = point.permille.filter(|_| has_line).map(rate).unwrap_or_default();
        Bar { x, y, width: slot.saturating_sub(gap).max(1), height, point, rate }
    });
    let every = chart.points.len().div_ceil(LABELS).max(1);
    let labels = chart.points.iter().enumerate().step_by(every);
    let labels = labels.map(|(index, point)| Label { x: place(index) + slot / 2, text: &point.label });
    let grid = [0_u32, 500, 1000].map(|permille| Grid {
        y: base - tall * permille / 1000,
        text: (chart.axis)(top / 1000 * u128::from(permille) + top % 1000 * u128::from(permille) / 1000),
        rate: if has_line { rate(permille) } else { String::new() },
    });
    let (mut line, mut dots, mut piece) = (String::new(), Vec::new(), Vec::new());
    let mut end = |piece: &mut Vec<(u32, u32)>| {
        match piece.as_slice() {
            [] => {}
            [alone] => dots.push(*alone),
            several => {
                let points: Vec<_> = several.iter().map(|(x, y)| format!("{x} {y}")).collect();
                line.push_str(&format!("M{}", points.join("L")));
            }
        }
        piece.clear();
    };
    if has_line {
        for (index, point) in chart.points.iter().enumerate() {
            match point.permille {
                Some(permille) => piece.push((place(index) + slot / 2, base - tall * permille.min(1000) / 1000)),
                None => end(&mut piece),
            }
        }
        end(&mut piece);
    }
    Drawn {
        chart,
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right,
        below: HEIGHT - 8,
        bars: bars.collect(),
        grid: grid.into(),
        labels: labels.collect(),
        line,
        dots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(label: &str, value: u128, permille: Option<u32>) -> Point {
        Point { label: label.into(), value, shown: format!("{value} paid"), permille }
    }

    fn chart(points: Vec<Point>) -> Chart {
        Chart {
            id: "paid".into(),
            title: "Invoices paid".into(),
            description: "Paid invoices by day, and their share.".into(),
            table_title: "Invoices paid".into(),
            label_head: "Day".into(),
            bar_head: "Paid".into(),
            line_head: "Success rate".into(),
            points,
            axis: |value| value.to_string(),
        }
    }

    #[test]
    fn bars_and_a_line() {
        let points = vec![
            day("1 Nov", 3, Some(750)),
            day("2 Nov", 12, Some(1000)),
            day("3 Nov", 0, None),
            day("4 Nov", 7, Some(333)),
        ];
        insta::assert_snapshot!(figure(&chart(points)).unwrap());
    }

    #[test]
    fn nothing_yet() {
        insta::assert_snapshot!(figure(&Chart { line_head: String::new(), ..chart(Vec::new()) }).unwrap());
    }

    #[test]
    fn words_are_escaped_and_nothing_runs() {
        let evil = "<script>alert(1)</script>\"'&";
        let mut chart = chart(vec![Point { label: evil.into(), shown: evil.into(), value: 1, permille: Some(1) }]);
        chart.title = evil.into();
        chart.description = evil.into();
        chart.table_title = evil.into();
        let html = figure(&chart).unwrap();
        assert!(!html.contains("<script") && !html.contains("style="), "{html}");
    }

    /// Whatever is drawn stays within the picture, also at the ends of the range.
    #[test]
    fn everything_is_within_the_picture() {
        for values in [vec![u128::MAX, 1, 0], vec![0], vec![1; 365], vec![5, 5, 5], vec![u128::MAX / 2; 2]] {
            let chart = chart(values.into_iter().map(|value| day("d", value, Some(2_000))).collect());
            let drawn = drawn(&chart);
            for bar in &drawn.bars {
                assert!(bar.y >= TOP && bar.y + bar.height == HEIGHT - BOTTOM && bar.x + bar.width <= WIDTH - RIGHT);
            }
            assert!(drawn.grid.iter().all(|line| line.y >= TOP && line.y <= HEIGHT - BOTTOM));
        }
    }

    #[test]
    fn the_axis_ends_at_a_round_number() {
        for (value, end) in [(0, 2), (1, 2), (7, 8), (12, 20), (99, 100), (101, 200), (1_504, 2_000)] {
            assert_eq!(ceiling(value), end, "{value}");
        }
    }
}
