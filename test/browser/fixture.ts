// A service and a browser before it, for all tests of a file: opened at once, closed after the last test.
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll } from "vitest";
import { openBrowser, setUp, startService, type Running } from "./service.ts";

export interface Fixture {
  service: Running;
  browser: Browser;
  context: BrowserContext;
  page: Page;
}

export interface FixtureOptions {
  /** Starts the service; by default with nothing said of it. */
  start?: () => Promise<Running>;
  /** The administrator is left to be set up. */
  bare?: boolean;
  window?: BrowserContextOptions;
}

/** Opens them, with an administrator who is logged in on `page`. */
export async function openFixture({
  start = startService,
  bare = false,
  window = {},
}: FixtureOptions = {}): Promise<Fixture> {
  const service = await start();
  afterAll(() => service.stop());
  const browser = await openBrowser();
  afterAll(() => browser.close());
  const context = await browser.newContext(window);
  const page = await context.newPage();
  if (!bare) await setUp(page, service);
  return { service, browser, context, page };
}
