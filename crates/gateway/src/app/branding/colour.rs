//! A merchant's colour, and how it is read: WCAG's relative luminance and contrast, in whole numbers.

use std::fmt;

/// What WCAG 2.2 AA asks of text (1.4.3), in hundredths.
pub const NEEDED: u32 = 450;

/// The surfaces of the payer's page that text in the colour stands on, `assets/checkout.css`: of the light look the darkest, of the dark look
/// the lightest, so that the others are read better still.
pub const LIGHT_SURFACE: Colour = Colour([0xee, 0xf2, 0xf0]);
pub const DARK_SURFACE: Colour = Colour([0x1d, 0x28, 0x25]);
pub const WHITE: Colour = Colour([0xff; 3]);
pub const BLACK: Colour = Colour([0; 3]);

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// As six hexadecimal digits, without the `#`.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Colour {
    /// Six hexadecimal digits, with or without `#`.
    pub fn parse(text: &str) -> Option<Colour> {
        let mut bytes = [0; 3];
        hex::decode_to_slice(text.strip_prefix('#').unwrap_or(text), &mut bytes).ok()?;
        Some(Colour(bytes))
    }

    /// Relative luminance, times 10^10.
    fn luminance(self) -> u64 {
        let [red, green, blue] = self.0.map(|channel| u64::from(LINEAR[usize::from(channel)]));
        2_126 * red + 7_152 * green + 722 * blue
    }

    /// How two colours differ, in hundredths, rounded down: from 100 to 2100.
    pub fn contrast(self, other: Colour) -> u32 {
        // WCAG adds 0.05 to both
        let flare = |luminance: u64| luminance + 500_000_000;
        let (one, two) = (flare(self.luminance()), flare(other.luminance()));
        u32::try_from(one.max(two) * 100 / one.min(two)).unwrap_or(u32::MAX)
    }

    /// Black or white, whichever is read better on it: the better of the two is never below [`NEEDED`].
    pub fn text_on_it(self) -> Colour {
        if self.contrast(BLACK) >= self.contrast(WHITE) { BLACK } else { WHITE }
    }

    /// `twentieths` of the way to another colour.
    fn towards(self, other: Colour, twentieths: u32) -> Colour {
        let mut mixed = self.0;
        for (own, theirs) in mixed.iter_mut().zip(other.0) {
            let sum = u32::from(*own) * (20 - twentieths.min(20)) + u32::from(theirs) * twentieths.min(20);
            *own = u8::try_from((sum + 10) / 20).unwrap_or(u8::MAX);
        }
        Colour(mixed)
    }

    /// The colour as text on a surface, and under the pointer: itself, or as little darker (on a light surface) or lighter (on a dark one) as
    /// makes it readable.
    fn readable(self, surface: Colour) -> (Colour, Colour) {
        let end = surface.text_on_it();
        let steps = (0..=20).find(|steps| self.towards(end, *steps).contrast(surface) >= NEEDED).unwrap_or(20);
        (self.towards(end, steps), self.towards(end, steps + 4))
    }
}

/// What the payer's page is drawn with, in one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Links, rings of focus, marks.
    pub link: Colour,
    pub link_hover: Colour,
}

/// All that follows from a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// The button's ground: the colour as it was chosen.
    pub button: Colour,
    pub button_hover: Colour,
    pub on_button: Colour,
    pub light: Look,
    pub dark: Look,
}

impl Palette {
    pub fn of(colour: Colour) -> Palette {
        let on_button = colour.text_on_it();
        // away from its text, so that it is read as well as before
        let away = if on_button == BLACK { WHITE } else { BLACK };
        let look = |surface| {
            let (link, link_hover) = colour.readable(surface);
            Look { link, link_hover }
        };
        Palette {
            button: colour,
            button_hover: colour.towards(away, 4),
            on_button,
            light: look(LIGHT_SURFACE),
            dark: look(DARK_SURFACE),
        }
    }
}

/// The linear light of each value of a channel, times 10^6: sRGB's curve (IEC 61966-2-1), `v / 12.92` up to 0.04045, else
/// `((v + 0.055) / 1.055) ^ 2.4`.
#[rustfmt::skip]
const LINEAR: [u32; 256] = [
    0, 304, 607, 911, 1_214, 1_518, 1_821, 2_125, 2_428, 2_732, 3_035, 3_347, 3_677, 4_025, 4_391, 4_777,
    5_182, 5_605, 6_049, 6_512, 6_995, 7_499, 8_023, 8_568, 9_134, 9_721, 10_330, 10_960, 11_612, 12_286, 12_983, 13_702,
    14_444, 15_209, 15_996, 16_807, 17_642, 18_500, 19_382, 20_289, 21_219, 22_174, 23_153, 24_158, 25_187, 26_241, 27_321, 28_426,
    29_557, 30_713, 31_896, 33_105, 34_340, 35_601, 36_889, 38_204, 39_546, 40_915, 42_311, 43_735, 45_186, 46_665, 48_172, 49_707,
    51_269, 52_861, 54_480, 56_128, 57_805, 59_511, 61_246, 63_010, 64_803, 66_626, 68_478, 70_360, 72_272, 74_214, 76_185, 78_187,
    80_220, 82_283, 84_376, 86_500, 88_656, 90_842, 93_059, 95_307, 97_587, 99_899, 102_242, 104_616, 107_023, 109_462, 111_932, 114_435,
    116_971, 119_538, 122_139, 124_772, 127_438, 130_136, 132_868, 135_633, 138_432, 141_263, 144_128, 147_027, 149_960, 152_926, 155_926, 158_961,
    162_029, 165_132, 168_269, 171_441, 174_647, 177_888, 181_164, 184_475, 187_821, 191_202, 194_618, 198_069, 201_556, 205_079, 208_637, 212_231,
    215_861, 219_526, 223_228, 226_966, 230_740, 234_551, 238_398, 242_281, 246_201, 250_158, 254_152, 258_183, 262_251, 266_356, 270_498, 274_677,
    278_894, 283_149, 287_441, 291_771, 296_138, 300_544, 304_987, 309_469, 313_989, 318_547, 323_143, 327_778, 332_452, 337_164, 341_914, 346_704,
    351_533, 356_400, 361_307, 366_253, 371_238, 376_262, 381_326, 386_429, 391_572, 396_755, 401_978, 407_240, 412_543, 417_885, 423_268, 428_690,
    434_154, 439_657, 445_201, 450_786, 456_411, 462_077, 467_784, 473_531, 479_320, 485_150, 491_021, 496_933, 502_886, 508_881, 514_918, 520_996,
    527_115, 533_276, 539_479, 545_724, 552_011, 558_340, 564_712, 571_125, 577_580, 584_078, 590_619, 597_202, 603_827, 610_496, 617_207, 623_960,
    630_757, 637_597, 644_480, 651_406, 658_375, 665_387, 672_443, 679_542, 686_685, 693_872, 701_102, 708_376, 715_694, 723_055, 730_461, 737_910,
    745_404, 752_942, 760_525, 768_151, 775_822, 783_538, 791_298, 799_103, 806_952, 814_847, 822_786, 830_770, 838_799, 846_873, 854_993, 863_157,
    871_367, 879_622, 887_923, 896_269, 904_661, 913_099, 921_582, 930_111, 938_686, 947_307, 955_973, 964_686, 973_445, 982_251, 991_102, 1_000_000,];

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        assert_eq!(colour("#0b6A50"), Colour([0x0b, 0x6a, 0x50]));
        assert_eq!(colour("0b6a50").to_string(), "0b6a50");
        for bad in
            ["", "#", "#fff", "#12345g", "##123456", "#1234567", "red", "#0b6a50;}", " #0b6a50", "é12345", "#-12345"]
        {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    /// Known values: WCAG's own extremes, and what common checkers say.
    #[test]
    fn contrast_is_wcags() {
        for (one, two, hundredths) in [
            ("000000", "ffffff", 2_100),
            ("ffffff", "ffffff", 100),
            ("777777", "ffffff", 447),
            ("767676", "ffffff", 454),
            ("0000ff", "ffffff", 859),
            ("ff0000", "ffffff", 399),
            ("ff0000", "000000", 525),
            ("ffff00", "ffffff", 107),
        ] {
            assert_eq!(
                (colour(one).contrast(colour(two)), colour(two).contrast(colour(one))),
                (hundredths, hundredths)
            );
        }
    }

    #[test]
    fn every_colour_can_be_read_in_both_looks() {
        let steps = || (0..=255_u8).step_by(15);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    let chosen = Colour([red, green, blue]);
                    let palette = Palette::of(chosen);
                    assert_eq!(palette.button, chosen);
                    let on = palette.on_button;
                    assert!(on.contrast(chosen) >= NEEDED, "{chosen}");
                    assert!(on.contrast(palette.button_hover) >= on.contrast(chosen), "{chosen}");
                    for (look, surfaces) in [
                        (palette.light, ["eef2f0", "f5f8f6", "ffffff"]),
                        (palette.dark, ["0d1412", "161f1c", "1d2825"]),
                    ] {
                        for surface in surfaces.map(colour) {
                            assert!(look.link.contrast(surface) >= NEEDED, "{chosen} on {surface}");
                            assert!(look.link_hover.contrast(surface) >= NEEDED, "{chosen} on {surface}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_read_well_is_left_as_it_is() {
        let green = colour("0b6a50");
        assert_eq!(Palette::of(green).light.link, green);
        assert_ne!(Palette::of(green).dark.link, green);
        let (yellow, black) = (Palette::of(colour("ffe600")), colour("000000"));
        assert_eq!((yellow.on_button, yellow.dark.link), (black, colour("ffe600")));
    }

    /// The surfaces are the page's.
    #[test]
    fn surfaces_are_those_of_the_style_sheet() {
        let css = include_str!("../../../assets/checkout.css");
        for (name, light, dark) in
            [("ground", "#eef2f0", "#0d1412"), ("card", "#fff", "#161f1c"), ("field", "#f5f8f6", "#1d2825")]
        {
            assert_eq!(css.matches(&format!("--{name}: {light};")).count(), 1, "{name}");
            assert_eq!(css.matches(&format!("--{name}: {dark};")).count(), 1, "{name}");
        }
    }
}
