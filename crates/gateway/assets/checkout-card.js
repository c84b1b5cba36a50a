// The card form works without this file. With it the digits stand in groups, the brand is named, and slips are noticed early.
"use strict";
(() => {
  const number = document.getElementById("number");
  const expiry = document.getElementById("expiry");
  const code = document.getElementById("code");
  const holder = document.getElementById("holder");
  const brandMark = document.getElementById("brand");
  const hint = document.getElementById("number-hint");
  const codeHelp = document.getElementById("code-help");
  const anyCode = codeHelp.textContent;
  const described = number.getAttribute("aria-describedby");

  // Ranges by the digits they begin with; the first that fits counts. The server decides what is accepted.
  const BRANDS = [
    { name: "Visa", starts: ["4"] },
    { name: "Mastercard", starts: ["51-55", "2221-2720"] },
    { name: "American Express", starts: ["34", "37"], code: 4, groups: [4, 6, 5] },
    { name: "Diners Club", starts: ["300-305", "3095", "36", "38-39"], groups: [4, 6, 4, 5] },
    { name: "JCB", starts: ["3528-3589"] },
    { name: "RuPay", starts: ["508500-508999", "606985-607984", "608001-608500", "652150-653149", "817200-820199"] },
    { name: "Discover", starts: ["6011", "644-649", "65"] },
    { name: "UnionPay", starts: ["62", "81"] },
    { name: "Maestro", starts: ["50", "56-58", "6304", "6759", "676", "679"] },
  ];

  const fits = (digits, range) => {
    const [from, to = from] = range.split("-");
    const start = digits.slice(0, from.length);
    return start.length === from.length && start >= from && start <= to;
  };
  const brandOf = (digits) => BRANDS.find(({ starts }) => starts.some((range) => fits(digits, range)));

  // Digits of any keyboard as 0 to 9, and nothing else.
  const ZEROS = [0x30, 0x660, 0x6f0, 0x966];
  const digitsOf = (text) => Array.from(text, (c) => {
    const zero = ZEROS.find((z) => c.codePointAt(0) >= z && c.codePointAt(0) <= z + 9);
    return zero === undefined ? "" : String(c.codePointAt(0) - zero);
  }).join("");

  function luhn(digits) {
    let sum = 0;
    Array.from(digits).reverse().forEach((digit, at) => {
      const value = Number(digit) * (at % 2 ? 2 : 1);
      sum += value > 9 ? value - 9 : value;
    });
    return sum % 10 === 0;
  }

  function grouped(digits, groups = [4, 4, 4, 4, 3]) {
    const parts = [];
    let at = 0;
    for (const length of groups) {
      if (at < digits.length) parts.push(digits.slice(at, at + length));
      at += length;
    }
    return parts.join(" ");
  }

  // Writes the field anew and leaves the caret at the end, or behind the same digit.
  function write(input, text) {
    if (input.value === text) return;
    const atEnd = input.selectionStart === input.value.length;
    const before = atEnd ? Infinity : digitsOf(input.value.slice(0, input.selectionStart)).length;
    input.value = text;
    let at = 0;
    for (let seen = 0; at < text.length && seen < before; at += 1) if (/\d/.test(text[at])) seen += 1;
    if (document.activeElement === input) input.setSelectionRange(at, at);
  }

  function sayHint(shown) {
    hint.hidden = !shown;
    number.setAttribute("aria-describedby", shown ? `number-hint ${described}` : described);
  }

  function onNumber() {
    const digits = digitsOf(number.value).slice(0, 19);
    const brand = brandOf(digits);
    write(number, grouped(digits, brand?.groups));
    brandMark.textContent = brand?.name ?? "";
    codeHelp.textContent = !brand ? anyCode : brand.code === 4 ? codeHelp.dataset.four : codeHelp.dataset.three;
    sayHint(false);
  }

  function onExpiry(event) {
    // Who deletes is left alone, or the stroke could never be deleted.
    if (event?.inputType?.startsWith("delete")) return;
    let digits = digitsOf(expiry.value);
    if (/^[2-9]/.test(digits)) digits = `0${digits}`;
    const year = digits.slice(2);
    write(expiry, digits.length < 2 ? digits : `${digits.slice(0, 2)}/${year.slice(0, year.startsWith("20") ? 4 : 2)}`);
  }

  number.addEventListener("input", onNumber);
  number.addEventListener("blur", () => {
    const digits = digitsOf(number.value);
    sayHint(digits.length > 0 && !(digits.length >= 12 && luhn(digits)));
  });
  expiry.addEventListener("input", onExpiry);
  code.addEventListener("input", () => write(code, digitsOf(code.value).slice(0, 4)));

  // The sandbox's test cards fill the form in.
  for (const button of document.querySelectorAll("[data-fill]")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      number.value = button.dataset.fill;
      onNumber();
      // Three years on by the server's clock, which a sandbox may have moved.
      const year = new Date(Number(document.querySelector("main").dataset.now)).getUTCFullYear() + 3;
      expiry.value = `12/${String(year).slice(-2)}`;
      code.value = "123";
      holder.value ||= "Test Payer";
      document.getElementById("pay").focus();
    });
  }
  if (number.value) onNumber();
})();
