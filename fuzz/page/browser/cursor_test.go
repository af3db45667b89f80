package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"raftcheck/faults"
)

// TestCursor_keys: the keys move the cursor by steps, events, leaders and violations, and
// the address follows.
func TestCursor_keys(t *testing.T) {
	tab := show(t, "found/electionsafety-abd160d3", "3", wide)
	for _, test := range []struct{ key, want string }{
		{right, "4"}, {left, "3"}, {home, "0"}, {right, "1"}, {"l", "7.4"}, {"l", "7.5"}, {"L", "7.4"},
		{end, "7.16"}, {left, "7.15"}, {"v", "1"}, {"v", "7.4"}, {"V", "1"},
	} {
		press(t, tab, test.key)
		require.Equal(t, test.want, where(t, tab), "after %q", test.key)
		require.Equal(t, "#"+test.want, value[string](t, tab, "location.hash"))
	}
	value[any](t, tab, `location.hash = "#5"`)
	drawn(t, tab)
	require.Equal(t, "5", where(t, tab))
	require.Equal(t, "restart 1", strings.TrimSpace(strings.TrimPrefix(text(t, tab, ".where"), "#5")))
}

// TestCursor_words: the step is in the words of replay, and the changes are marked.
func TestCursor_words(t *testing.T) {
	tab := show(t, "scenarios/torn-write", "12", wide)
	require.Contains(t, text(t, tab, ".words"), "n3 crashed, loses its last 1 of")
	require.Contains(t, text(t, tab, ".words"), "torn")
	require.Equal(t, []string{"torn write"}, texts(t, tab, "text.harm"))
	require.Equal(t, "down", text(t, tab, ".card[data-node='3'] .badge.changed"))
	press(t, tab, right)
	require.Equal(t, "follower t1", text(t, tab, ".card[data-node='3'] .badge.changed"))
}

// TestCursor_click: a click on the chart moves the cursor, and one on an operation explains it.
func TestCursor_click(t *testing.T) {
	tab := show(t, "scenarios/torn-write", "10", wide)
	require.NoError(t, chromedp.Do(tab.ctx, chromedp.Click(`.op[data-op="1"] .span`)))
	drawn(t, tab)
	require.Contains(t, text(t, tab, ".question[aria-expanded=true]"), "put x three")
	require.Contains(t, text(t, tab, "ul.answer"), "The operation first took effect at n1, as entry 3, at #14.4")
}

// TestLook_narrow: at 400 pixels, in both colour schemes, nothing is wider than the screen,
// every button has a name, and text is distinguishable from its ground.
func TestLook_narrow(t *testing.T) {
	for _, dark := range []bool{false, true} {
		tab := show(t, "found/linearizability-fc23caf4", "9", Look{Width: 400, Height: 800, Dark: dark})
		require.LessOrEqual(t, value[int](t, tab, "document.documentElement.scrollWidth"), 400)
		require.Empty(t, value[[]string](t, tab, `[...document.querySelectorAll("button")]
			.filter((b) => !(b.getAttribute("aria-label") || b.textContent).trim()).map((b) => b.outerHTML)`))
		require.Empty(t, value[[]string](t, tab, unreadable))
	}
}

// unreadable lists the colours of text whose contrast with the page is below 4.5 (WCAG 2.2, 1.4.3).
const unreadable = `(() => {
	const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const rgb = (colour) => { probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1); return probe.getImageData(0, 0, 1, 1).data; };
	const light = (c) => [...c].slice(0, 3).map((v) => v / 255)
		.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const style = getComputedStyle(document.documentElement);
	const of = (name) => light(rgb(style.getPropertyValue(name)));
	const names = ["--ink", "--soft", "--accent", "--harm", "--good", ...[1, 2, 3, 4, 5, 6].map((t) => "--term-" + t)];
	return names.filter((n) => {
		const [a, b] = [of(n), of("--card")].sort((x, y) => y - x);
		return (a + 0.05) / (b + 0.05) < 4.5;
	});
})()`

// mostSeconds bounds the CPU time in which the page of 20,000 events opens.
const mostSeconds = 2

// TestLong_opens: a run of five nodes and 20,000 events opens in two seconds of CPU time,
// draws what is in sight alone, and goes to any event at once.
func TestLong_opens(t *testing.T) {
	address, err := Draw(longRun(t), t.TempDir())
	require.NoError(t, err)
	tab := open(t, address, wide)
	seconds := cpuSeconds(t, tab)
	t.Logf("%.2f s of CPU time", seconds)
	require.Less(t, seconds, float64(mostSeconds))
	require.Less(t, value[int](t, tab, `document.querySelectorAll("svg *").length`), 2000)
	value[any](t, tab, `location.hash = "#15000"`)
	drawn(t, tab)
	require.Equal(t, "15000", where(t, tab))
	require.Equal(t, "leader t1", badges(t, tab)[0])
	require.Less(t, value[int](t, tab, `document.querySelectorAll("svg *").length`), 2000)
	press(t, tab, end)
	require.Equal(t, "20000", strings.Split(where(t, tab), ".")[0])
	info, err := os.Stat(strings.TrimPrefix(address, "file://"))
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(5<<20))
}

// longRun writes a schedule with as many events as there may be.
func longRun(t *testing.T) string {
	round := "call c1 1 put x 1\npersist 1\ndeliver 1->2\ndeliver 1->3\ndeliver 1->4\ndeliver 1->5\n" +
		"persist 2\npersist 3\npersist 4\npersist 5\ndeliver 2->1\ndeliver 3->1\ndeliver 4->1\ndeliver 5->1\n" +
		"tick 1 k=3\ncall c2 2 get x\nabandon c2\ntick 2\n"
	events := strings.SplitAfterN("timeout 1\nsettle\n"+strings.Repeat(round, faults.MaxEvents), "\n", faults.MaxEvents+1)
	file := filepath.Join(t.TempDir(), "long.txt")
	text := "system reference\nnodes  5\nrand   1\n\n" + strings.Join(events[:faults.MaxEvents], "")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

// cpuSeconds is the CPU time that the tab's main thread used so far.
func cpuSeconds(t *testing.T, tab *Tab) float64 {
	t.Helper()
	var seconds float64
	require.NoError(t, chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		metrics, err := chromedp.Call(ctx, performance.GetMetrics, cdp.Empty{})
		for _, m := range metrics.Metrics {
			if m.Name == "TaskDuration" {
				seconds = m.Value
			}
		}
		return err
	})))
	return seconds
}
