// Debian's Chromium, and a loopback server that gives pages the headers they have in production.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { chromium } from "playwright-core";

const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png" };

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

// Serves `directory`. The page of the moment is also at the real path, so that forms and live updates can be tried:
// `server.show(file, version)` sets it, `server.tell(version)` speaks to whoever listens, `server.posts` holds the forms received.
export async function serve(directory) {
  const listeners = new Set();
  const state = { posts: [], shown: undefined, version: 1, eventsDown: false };
  const http = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (url.pathname === "/widget/sale/events/") {
      if (state.eventsDown) return response.writeHead(503).end();
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      // as the gateway does: whoever connects hears what there is
      response.write(state.shown ? `data: {"version":${state.version}}\n\n` : ": listening\n\n");
      listeners.add(response);
      return response.on("close", () => listeners.delete(response));
    }
    if (request.method === "POST") {
      let body = "";
      for await (const chunk of request) body += chunk;
      state.posts.push(Object.fromEntries(new URLSearchParams(body)));
      return response.writeHead(303, { location: "/widget/sale/create/" }).end();
    }
    const file = url.pathname === "/widget/sale/create/" ? state.shown : url.pathname.startsWith("/assets/") ? join("assets", basename(url.pathname)) : basename(url.pathname);
    try {
      let body = await readFile(join(directory, file));
      // The samples are all of one version; a page that changes has another.
      if (file === state.shown) body = body.toString().replace(/data-version="\d+"/, `data-version="${state.version}"`);
      const headers = { "content-type": TYPES[extname(file)], "referrer-policy": "same-origin", "x-content-type-options": "nosniff" };
      if (extname(file) === ".html") headers["content-security-policy"] = await readFile(join(directory, `${file}.csp`), "utf8");
      response.writeHead(200, headers);
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => http.listen(0, "127.0.0.1", ready));
  return {
    origin: `http://127.0.0.1:${http.address().port}`,
    posts: state.posts,
    show: (file, version = 1) => { Object.assign(state, { shown: file, version }); },
    tell: (version) => { for (const listener of listeners) listener.write(`data: {"version":${version}}\n\n`); },
    listening: () => listeners.size,
    setEventsDown: (down) => { state.eventsDown = down; if (down) for (const listener of listeners) listener.destroy(); },
    close: () => { http.closeAllConnections(); http.close(); },
  };
}
