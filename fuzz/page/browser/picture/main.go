// Command picture draws the picture in README.md: the page of a kept counterexample, at the
// step at which a property is violated. scripts/browser runs it.
package main

import (
	"context"
	"fmt"
	"os"

	"raftcheck/fuzz/page/browser"
)

// The counterexample, and the file that gets the picture of its page.
const (
	counterexample = "../../../testdata/found/electionsafety-abd160d3.txt"
	picture        = "../two-leaders.png"
)

func main() {
	if err := draw(); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func draw() error {
	folder, err := os.MkdirTemp("", "picture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	address, err := browser.Draw(counterexample, folder)
	if err != nil {
		return err
	}
	chromium, end := browser.Start(context.Background())
	defer end()
	tab, err := browser.Open(chromium, address+"#7.5", browser.Look{Width: 1400, Height: 900})
	if err != nil {
		return err
	}
	defer tab.Close()
	png, err := tab.Picture("w")
	if err != nil {
		return err
	}
	return os.WriteFile(picture, png, 0o644)
}
