package main

import (
	"bufio"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	seed := flag.Uint64("seed", 1, "draw the mutants by this `SEED`")
	mutants := flag.Int("mutants", 40, "draw `N` mutants of each package")
	flag.Parse()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = slices.Sorted(maps.Keys(judges))
	}
	survivors := 0
	for _, name := range packages {
		s := sample{folder: name, tests: judges[name], seed: *seed, size: *mutants}
		s.argued = parseArguments(arguments)
		n, err := s.judge(context.Background(), ".", os.Stdout)
		if err != nil {
			fmt.Fprintf(os.Stderr, "mutate: %s: %v\n", name, err)
			os.Exit(2)
		}
		survivors += n
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

// arguments says of survivors why they are harmless.
//
//go:embed arguments.txt
var arguments string

// parseArguments returns the sites that have an argument. A site is a line, and its argument
// the indented lines below.
func parseArguments(text string) map[string]bool {
	argued := map[string]bool{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		if line := lines.Text(); line != "" && !strings.ContainsAny(line[:1], "#\t") {
			argued[line] = true
		}
	}
	return argued
}

// sample is a number of mutants of one package.
type sample struct {
	folder string // of the package, from the root of the module
	tests  []tests
	seed   uint64
	size   int
	argued map[string]bool // the survivors that have an argument
}

// draw returns some of the sites, in their order.
func (s *sample) draw(all []site) []*site {
	order := rand.New(rand.NewPCG(s.seed, 0)).Perm(len(all))
	order = order[:min(s.size, len(order))]
	slices.Sort(order)
	drawn := make([]*site, len(order))
	for i, at := range order {
		drawn[i] = &all[at]
	}
	return drawn
}

// judge tests the mutants and returns the number of survivors without an argument.
func (s *sample) judge(ctx context.Context, root string, out io.Writer) (int, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return 0, err
	}
	if len(s.tests) == 0 {
		return 0, fmt.Errorf("expected one of %v", slices.Sorted(maps.Keys(judges)))
	}
	folder := filepath.Join(root, s.folder)
	all, files, err := sitesOf(folder)
	if err != nil {
		return 0, err
	}
	scratch, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(scratch)
	drawn := s.draw(all)
	overlay, err := writeOverlay(scratch, folder, files, drawn)
	if err != nil {
		return 0, err
	}
	programs := make([]built, len(s.tests))
	for i, t := range s.tests {
		if programs[i], err = build(ctx, root, scratch, overlay, t); err != nil {
			return 0, err
		}
	}
	fmt.Fprintf(out, "%s: %d of %d mutants, seed %d\n", s.folder, len(drawn), len(all), s.seed)
	return s.run(ctx, programs, drawn, out)
}

// run tests the program without a mutant, and then each mutant.
func (s *sample) run(ctx context.Context, programs []built, drawn []*site, out io.Writer) (int, error) {
	why, err := kill(ctx, programs, 0)
	if err == nil && why != "" {
		err = fmt.Errorf("the tests fail without a mutant: %s", why)
	}
	if err != nil {
		return 0, err
	}
	killed, argued, survived := 0, 0, 0
	for i, m := range drawn {
		why, err := kill(ctx, programs, i+1)
		switch {
		case err != nil:
			return 0, err
		case why != "":
			killed++
		case s.argued[s.folder+"/"+m.String()]:
			argued++
		default:
			survived++
			fmt.Fprintf(out, "survived  %s/%s:%d: %s\n", s.folder, m.file, m.line, m.text)
		}
	}
	fmt.Fprintf(out, "killed %d, survived with an argument %d, survived %d\n", killed, argued, survived)
	return survived, nil
}

// kill returns the test that fails with a mutant, or "".
func kill(ctx context.Context, programs []built, mutant int) (string, error) {
	for i := range programs {
		if why, err := programs[i].test(ctx, mutant); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}
