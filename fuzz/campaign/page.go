package campaign

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"raftcheck/fuzz/page"
)

//go:embed page.gohtml
var pageText string

// pageTemplate is parsed for the first page: most processes draw none.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageText))
})

// WritePage writes the report as a page, which requests nothing. A finding is a link to the
// page beside its file, at the path that pages returns for the file, or none if that is "".
func (r *Report) WritePage(w io.Writer, pages func(file string) string) error {
	return pageTemplate().Execute(w, map[string]any{
		"Report": r, "Outcome": r.Outcome().String(), "Style": template.CSS(page.Style()),
		"Groups": r.broken(pages), "Verdicts": r.verdicts(), "NoClaim": NoClaim,
		"States": plot(r.statesOverTime()), "Goals": r.goals(), "GoalsPlot": plot(r.goalsOverTime()),
		"Heals": r.heals(), "Next": fmt.Sprintf("%.0f", 1000*r.States.Next),
	})
}

// group is the findings that broke one property.
type group struct {
	Property string
	Findings []linked
}

// linked is a finding with the address of its page.
type linked struct {
	Sorted
	Page, Standing, Seen string
}

// broken groups the findings by the property that broke, in the order of the properties.
func (r *Report) broken(pages func(string) string) (list []group) {
	for _, name := range r.Properties {
		g := group{Property: name}
		for _, f := range r.Findings {
			if f.Property == name {
				g.Findings = append(g.Findings, linked{f, pages(f.File), f.Standing(r.Build), r.SeenIn(f.Finding)})
			}
		}
		if len(g.Findings) > 0 {
			list = append(list, g)
		}
	}
	return list
}

// judged is a property with its counts.
type judged struct {
	Name                       string
	Held, Violated, NotChecked int
}

func (r *Report) verdicts() (list []judged) {
	for _, name := range r.Properties {
		v := r.Tally.Verdicts[name]
		list = append(list, judged{name, v.Held, v.Violated, v.NotChecked})
	}
	return list
}

// goal is a goal, and how it was reached.
type goal struct {
	Name      string
	Schedules int
	First     int // no schedule of a lower number reached it together with another goal; -1 if none did
}

// goals are those that can be reached, in the order in which they were.
func (r *Report) goals() []goal {
	first := map[string]int{}
	for pair, s := range r.Tally.Pairs {
		for name := range strings.FieldsSeq(pair) {
			if at, ok := first[name]; !ok || s.First < at {
				first[name] = s.First
			}
		}
	}
	var list []goal
	for _, name := range r.Reachable {
		g := goal{name, r.Tally.Goals[name].Schedules, -1}
		if at, ok := first[name]; ok {
			g.First = at
		}
		list = append(list, g)
	}
	slices.SortStableFunc(list, func(a, b goal) int { return cmp.Compare(uint(a.First), uint(b.First)) })
	return list
}

// goalsOverTime is the number of goals that were reached by the schedules up to a number.
func (r *Report) goalsOverTime() (line []dot) {
	for _, g := range r.goals() {
		if g.First >= 0 {
			line = append(line, dot{g.First + r.Asked.Block, len(line) + 1})
		}
	}
	if n := r.Tally.Schedules(); len(line) > 0 && line[len(line)-1].X < n {
		line = append(line, dot{n, len(line)})
	}
	return line
}

func (r *Report) statesOverTime() (line []dot) {
	for _, p := range r.Curve {
		line = append(line, dot{p.Schedules, p.States})
	}
	return line
}

// heal is the heals that took about as long.
type heal struct {
	Ticks string
	Heals int
	Part  int // of the most, in percent
}

func (r *Report) heals() (list []heal) {
	most := 1
	for _, n := range r.Tally.Heals {
		most = max(most, n)
	}
	for _, ticks := range slices.Sorted(maps.Keys(r.Tally.Heals)) {
		name := fmt.Sprint(ticks)
		if ticks > 1 {
			name = fmt.Sprintf("%d to %d", ticks, 2*ticks-1)
		}
		n := r.Tally.Heals[ticks]
		list = append(list, heal{name, n, 100 * n / most})
	}
	return list
}

// dot is a point of a line.
type dot struct{ X, Y int }

// The size of a plot, and the room for its words.
const (
	plotWidth, plotHeight = 560, 190
	plotLeft, plotBottom  = 56, 26
)

// plot draws a line. Its X has a logarithmic scale, as rare things come ever more slowly.
func plot(line []dot) template.HTML {
	if len(line) == 0 {
		return ""
	}
	last, start := line[len(line)-1], logarithm(line[0].X)
	x := func(n int) float64 {
		span := max(logarithm(last.X)-start, 1)
		return plotLeft + float64(plotWidth-plotLeft-30)*(logarithm(n)-start)/span
	}
	y := func(n int) float64 {
		return float64(plotHeight-plotBottom) - float64(plotHeight-plotBottom-14)*float64(n)/float64(max(last.Y, 1))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="plot" viewBox="0 0 %d %d" role="img" aria-label="%d at %d schedules">`,
		plotWidth, plotHeight, last.Y, last.X)
	for n := line[0].X; n <= last.X; n *= 2 {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="middle">%d</text>`, x(n), plotHeight-8, n)
		fmt.Fprintf(&b, `<path class="grid" d="M%.1f %.1f V14"/>`, x(n), y(0))
	}
	fmt.Fprintf(&b, `<text x="%d" y="18" text-anchor="end">%d</text>`, plotLeft-6, last.Y)
	fmt.Fprintf(&b, `<text x="%d" y="%.1f" text-anchor="end">0</text>`, plotLeft-6, y(0))
	fmt.Fprintf(&b, `<path class="line" d="M%.1f %.1f`, x(line[0].X), y(line[0].Y))
	for _, p := range line[1:] {
		fmt.Fprintf(&b, " L%.1f %.1f", x(p.X), y(p.Y))
	}
	b.WriteString(`"/>`)
	for _, p := range line {
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="2.5"><title>%d at %d schedules</title></circle>`,
			x(p.X), y(p.Y), p.Y, p.X)
	}
	return template.HTML(b.String() + "</svg>")
}

// logarithm is the logarithm of n to the base 2, and between powers the straight line.
func logarithm(n int) float64 {
	if n < 1 {
		return 0
	}
	whole := bits.Len(uint(n)) - 1
	return float64(whole) + float64(n-1<<whole)/float64(int(1)<<whole)
}
