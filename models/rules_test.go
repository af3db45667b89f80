package models

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rule is a row of RULES.md.
type rule struct{ source, text, judges, mutants string }

func readRules(t *testing.T) (rules []rule) {
	t.Helper()
	text, err := os.ReadFile("RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		if len(cells) != 4 || strings.HasPrefix(cells[0], "---") || cells[0] == " source " {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rules = append(rules, rule{cells[0], cells[1], cells[2], cells[3]})
	}
	return rules
}

// breaks reads the properties that a mutant breaks: those that its file names, and those of
// its counterexample.
func breaks(t *testing.T, mutant string) []string {
	t.Helper()
	folder := filepath.Join("..", "testdata")
	text, err := os.ReadFile(filepath.Join(folder, "mutants", mutant+".txt"))
	if err != nil {
		t.Error(err)
		return nil
	}
	names := strings.Fields(regexp.MustCompile(`(?m)^property (.*)$`).FindString(string(text)))[1:]
	found, err := os.ReadFile(filepath.Join(folder, "found", "mutants", mutant+".txt"))
	if err != nil {
		return names
	}
	for _, m := range regexp.MustCompile(`(?m)^violated (\w+)`).FindAllStringSubmatch(string(found), -1) {
		names = append(names, m[1])
	}
	return names
}

// TestRules: every judge in RULES.md is a property, and every mutant there breaks one of the
// judges of its rule. A rule without a judge has a reason. Every property judges a rule,
// apart from those of the harness and of services.
func TestRules(t *testing.T) {
	known := []string{"Linearizability", "Refinement", "Bounds", "Loyalty"}
	for _, c := range Checkers() {
		known = append(known, c.Property().Name)
	}
	rules := readRules(t)
	if len(rules) < 60 {
		t.Fatalf("only %d rules", len(rules))
	}
	used := []string{"NoPanic", "Fencing"}
	for _, r := range rules {
		if r.judges == "none" {
			if len(strings.Fields(r.mutants)) < 5 {
				t.Errorf("%s: %s: no judge and no reason", r.source, r.text)
			}
			continue
		}
		judges := strings.Split(r.judges, ", ")
		used = append(used, judges...)
		for _, judge := range judges {
			if !slices.Contains(known, judge) {
				t.Errorf("%s: %s: there is no property %s", r.source, r.text, judge)
			}
		}
		for _, mutant := range strings.Split(r.mutants, ", ") {
			if mutant == "" {
				continue
			}
			broken := breaks(t, mutant)
			if !slices.ContainsFunc(judges, func(j string) bool { return slices.Contains(broken, j) }) {
				t.Errorf("%s: %s: mutant %s breaks %v", r.source, r.text, mutant, broken)
			}
		}
	}
	for _, name := range known {
		if !slices.Contains(used, name) {
			t.Errorf("%s judges no rule", name)
		}
	}
}
