package browser

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"raftcheck/fuzz/page"
	"raftcheck/fuzz/trial"
	"raftcheck/models/services"
	"raftcheck/raft"
	"raftcheck/raft/reference"
	"raftcheck/raft/sabotage"
)

// Start starts a browser. The function that it returns ends it.
func Start(ctx context.Context) (context.Context, context.CancelFunc) {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	browser, end := chromedp.NewContext(allocator)
	return browser, func() { end(); stop() }
}

// patience ends the work of a tab whose page does not answer.
const patience = 2 * time.Minute

// Look is the way in which a tab shows a page.
type Look struct {
	Width, Height int64
	Dark          bool
}

// Tab is a page in the browser.
type Tab struct {
	ctx      context.Context
	close    context.CancelFunc
	mutex    sync.Mutex
	problems []string
}

// Open opens an address in a new tab, and waits until its page is drawn.
func Open(browser context.Context, address string, look Look) (*Tab, error) {
	t := &Tab{}
	ctx, end := chromedp.NewContext(browser)
	ctx, stop := context.WithTimeout(ctx, patience)
	t.ctx, t.close = ctx, func() { stop(); end() }
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	feature := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme}
	err := chromedp.Do(t.ctx, chromedp.EmulateViewport(look.Width, look.Height),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia,
				emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{feature}})
			_, also := chromedp.Call(ctx, performance.Enable,
				performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
			return errors.Join(err, also)
		}))
	if err != nil {
		return nil, err
	}
	messages := chromedp.Console(t.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if slices.Contains([]chromedp.ConsoleType{
				chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException,
			}, m.Type) {
				t.note(m.Text)
			}
		}
	}()
	return t, chromedp.Do(t.ctx, chromedp.Navigate(address), chromedp.WaitReady("html[data-ready]"))
}

func (t *Tab) note(problem string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.problems = append(t.problems, problem)
}

// Problems are the errors and warnings on the console so far.
func (t *Tab) Problems() []string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return slices.Clone(t.problems)
}

// Close closes the tab.
func (t *Tab) Close() { t.close() }

// Picture presses keys, and returns the whole page as a PNG file then.
func (t *Tab) Picture(keys string) ([]byte, error) {
	err := chromedp.Do(t.ctx, chromedp.KeyEvent(keys))
	if err != nil {
		return nil, err
	}
	// Two frames draw all that the keys changed.
	if _, err = chromedp.Run(t.ctx, chromedp.Evaluate[bool](twoFrames, chromedp.EvalAwaitPromise)); err != nil {
		return nil, err
	}
	return chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
}

// twoFrames is an expression for a promise that two frames keep.
const twoFrames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"

// Systems are those whose kept schedules the pages show.
func Systems() []raft.System {
	sound := reference.System{}
	return append([]raft.System{sound}, sabotage.Systems(sound)...)
}

// Draw writes the page of a schedule file below a folder, and returns its address.
func Draw(file, folder string) (address string, err error) {
	s, err := trial.ReadSchedule(file, services.All())
	if err != nil {
		return "", err
	}
	systems := Systems()
	i := slices.IndexFunc(systems, func(system raft.System) bool { return system.Name() == s.System })
	if i < 0 {
		return "", errors.New(file + ": no system " + s.System)
	}
	run, _ := page.Record(systems[i], services.All(), s, filepath.Base(file))
	var b bytes.Buffer
	if err := run.Write(&b); err != nil {
		return "", err
	}
	drawn := filepath.Join(folder, filepath.Base(file)+".html")
	return "file://" + drawn, os.WriteFile(drawn, b.Bytes(), 0o644)
}
