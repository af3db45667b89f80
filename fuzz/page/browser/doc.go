// Package browser drives the pages of package page in a real browser: headless Chromium.
//
// Its tests want on a page the things that a person looks for, and no error on the console.
// It is a module of its own, for chromedp, which it uses to speak to the browser. The
// browser itself is Debian's package chromium; scripts/browser installs it.
package browser
