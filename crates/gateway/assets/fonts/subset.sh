#!/usr/bin/env bash
# Makes the fonts of the papers again: Noto as Debian has it (fonts-noto-core 20201225), with the letters that papers are written in.
# Needs: apt-get install fonts-noto-core fonttools. The same input gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")"
from=${1:-/usr/share/fonts/truetype/noto}

# Western, central and northern Europe, Turkish, Vietnamese, Pinyin; Greek; Cyrillic; signs of currencies
latin=U+0020-007E,U+00A0-017F,U+018F,U+0192,U+01A0-01A1,U+01AF-01B0,U+01CD-01DC,U+01E6-01E9,U+0218-021B,U+0237,U+0259,U+02BB-02BC
latin+=,U+02C6-02C7,U+02D8-02DD,U+0300-0304,U+0306-030C,U+0323,U+0326-0328,U+0370-03FF,U+0400-045F,U+0490-0493,U+0498-049D,U+04A0-04A3
latin+=,U+04AE-04B3,U+04BA-04BB,U+04D8-04D9,U+04E8-04E9,U+1E80-1E85,U+1E9E,U+1EA0-1EF9,U+2000-2015,U+2018-201E,U+2020-2022,U+2026
latin+=,U+2028-202F,U+2030,U+2032-2033,U+2039-203A,U+203E,U+2044,U+2060,U+2066-2069,U+20A0-20C0,U+2116,U+2122,U+2190-2193,U+2212,U+2260
latin+=,U+2264-2265,U+25CC
devanagari=U+0020,U+00A0,U+0900-097F,U+200C-200D,U+20B9,U+25CC
arabic=U+0020,U+00A0,U+0600-06FF,U+0750-077F,U+200C-200F,U+25CC

subset() { # FONT LETTERS OPTION…
  pyftsubset "$from/$1.ttf" --unicodes="$2" --no-hinting --notdef-outline --name-IDs=0,1,2,3,4,5,6,13,14 --output-file="$1.ttf" "${@:3}"
}
for weight in Regular Bold; do
  subset "NotoSans-$weight" "$latin" --layout-features=kern,mark,mkmk,ccmp,locl,rlig
  subset "NotoSansDevanagari-$weight" "$devanagari"
  subset "NotoSansArabic-$weight" "$arabic"
done
