package browser

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// chromium is the browser of all tests.
var chromium context.Context

func TestMain(m *testing.M) {
	ctx, end := Start(context.Background())
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "no browser; scripts/browser installs Debian's package chromium:", err)
		os.Exit(1)
	}
	chromium = ctx
	code := m.Run()
	end()
	os.Exit(code)
}

var wide = Look{Width: 1300, Height: 900}

// open opens an address. The test fails if its page reports any problem.
func open(t *testing.T, address string, look Look) *Tab {
	t.Helper()
	tab, err := Open(chromium, address, look)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Empty(t, tab.Problems())
		tab.Close()
	})
	return tab
}

// show opens the page of a kept schedule, at an event.
func show(t *testing.T, name, at string, look Look) *Tab {
	t.Helper()
	address, err := Draw("../../../testdata/"+name+".txt", t.TempDir())
	require.NoError(t, err)
	if at != "" {
		address += "#" + at
	}
	return open(t, address, look)
}

// value evaluates an expression.
func value[T any](t *testing.T, tab *Tab, expression string) T {
	t.Helper()
	v, err := chromedp.Run(tab.ctx, chromedp.Evaluate[T](expression))
	require.NoError(t, err, expression)
	return v
}

// text is the text of the first element that a selector finds.
func text(t *testing.T, tab *Tab, selector string) string {
	t.Helper()
	return value[string](t, tab, "document.querySelector(`"+selector+"`).textContent")
}

// texts are the texts of all of them.
func texts(t *testing.T, tab *Tab, selector string) []string {
	t.Helper()
	return value[[]string](t, tab, "[...document.querySelectorAll(`"+selector+"`)].map((e) => e.textContent)")
}

// press presses keys, one after the other.
func press(t *testing.T, tab *Tab, keys ...string) {
	t.Helper()
	for _, key := range keys {
		require.NoError(t, chromedp.Do(tab.ctx, chromedp.KeyEvent(key)))
	}
	drawn(t, tab)
}

// click clicks what a selector finds.
func click(t *testing.T, tab *Tab, selector string) {
	t.Helper()
	require.NoError(t, chromedp.Do(tab.ctx, chromedp.Click(selector)), selector)
	drawn(t, tab)
}

// drawn waits until the chart is drawn again.
func drawn(t *testing.T, tab *Tab) {
	t.Helper()
	_, err := chromedp.Run(tab.ctx, chromedp.Evaluate[bool](twoFrames, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
}

// where is the name of the step at the cursor.
func where(t *testing.T, tab *Tab) string {
	t.Helper()
	return strings.TrimPrefix(text(t, tab, ".where .name"), "#")
}

// badges are what the nodes are at the cursor.
func badges(t *testing.T, tab *Tab) []string { return texts(t, tab, ".card .badge") }

// cells are the cells of a node's log: its terms, and a letter for each state of an entry:
// committed, applied, durable, pending, snapshot.
func cells(t *testing.T, tab *Tab, node string) []string {
	t.Helper()
	return value[[]string](t, tab, `[...document.querySelectorAll(".card[data-node='`+node+`'] .cell:not(.none)")]
		.map((c) => c.querySelector(".term").textContent +
			["committed", "applied", "durable", "pending", "snapshot"].filter((s) => c.classList.contains(s))
				.map((s) => s[0]).join(""))`)
}

const (
	left, right, home, end = kb.ArrowLeft, kb.ArrowRight, kb.Home, kb.End
)
