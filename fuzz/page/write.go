package page

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"raftcheck/models"
)

//go:embed assets
var assets embed.FS

// modules are the script of the page. They import each other by these names.
var modules = []string{
	"data", "run", "columns", "tracks", "chart", "draw", "marks", "messages", "overview", "state", "clients",
	"words", "why", "help", "view", "play", "main",
}

// pageTemplate is parsed for the first page: most processes draw none.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(assets, "assets/page.gohtml"))
})

// Write writes the run as a page. The error is of w.
func (r *Run) Write(w io.Writer) error { return r.write(w, false) }

// write writes the page, or the one with which a person plays on.
func (r *Run) write(w io.Writer, play bool) error {
	data, err := r.pack()
	if err != nil {
		return err
	}
	return pageTemplate().Execute(w, map[string]any{
		"Play": play,
		"Run":  r, "Heading": r.heading(), "Story": r.story(), "Also": r.also(),
		"Style":   template.CSS(Style()),
		"Modules": importMap(modules), "Data": data,
	})
}

// Style is the look of the page, for other pages of the same look.
func Style() string { return asset("style.css") + asset("chart.css") + asset("panels.css") }

// heading is the verdict in a few words, and its reason.
func (r *Run) heading() (h struct{ Short, Reason string }) {
	if first := r.violated(); len(first) > 0 {
		v := models.Verdict{Property: first[0].Property, Outcome: models.Violated, Event: first[0].Event}
		h.Short, h.Reason = v.String(), first[0].Text
		return h
	}
	h.Short, h.Reason, _ = strings.Cut(r.Lines[0], ": ")
	if r.Outcome == models.Held.String() {
		h.Reason = fmt.Sprintf("%d properties were judged in this run, and each one held.", len(r.Verdicts))
	}
	return h
}

// violated lists the violations in the order of their steps.
func (r *Run) violated() []Verdict {
	list := slices.DeleteFunc(slices.Clone(r.Verdicts), func(v Verdict) bool { return v.Step < 0 })
	slices.SortStableFunc(list, func(a, b Verdict) int { return cmp.Compare(a.Step, b.Step) })
	return list
}

// also is the violations apart from the one in the heading.
func (r *Run) also() []Verdict {
	list := r.violated()
	return list[min(1, len(list)):]
}

// paragraph is a part of a schedule's prose. Aligned text keeps its spaces and lines.
type paragraph struct {
	Text    string
	Aligned bool
}

// story is the prose of a schedule.
type story struct {
	Lead  string      // its first paragraph
	Rest  []paragraph // the others
	Short bool        // they are little to read
}

// shortStory is the length of a story that is shown at once, in bytes.
const shortStory = 1200

// story is the prose; nil without any.
func (r *Run) story() (s *story) {
	for _, text := range strings.Split(strings.Join(r.Prose, "\n"), "\n\n") {
		switch p := (paragraph{text, strings.Contains(strings.ReplaceAll(text, ". ", "."), "  ")}); {
		case strings.TrimSpace(text) == "":
		case s == nil:
			s = &story{Lead: text, Short: len(strings.Join(r.Prose, "\n")) < shortStory}
		default:
			s.Rest = append(s.Rest, p)
		}
	}
	return s
}

// pack returns the data of the page: JSON, compressed, as text.
func (r *Run) pack() (template.HTML, error) {
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if err := json.NewEncoder(zip).Encode(r); err != nil {
		return "", err
	}
	if err := zip.Close(); err != nil {
		return "", err
	}
	return template.HTML(base64.StdEncoding.EncodeToString(packed.Bytes())), nil
}

// asset returns a file of the page.
func asset(name string) string {
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return string(content)
}

// importMap holds modules in the page: the browser finds each under its name.
func importMap(names []string) template.HTML {
	imports := map[string]string{}
	for _, name := range names {
		source := fmt.Sprintf("%s//# sourceURL=%s.js\n", asset(name+".js"), name)
		imports[name] = "data:text/javascript;base64," + base64.StdEncoding.EncodeToString([]byte(source))
	}
	list, err := json.Marshal(map[string]any{"imports": imports})
	if err != nil {
		panic(fmt.Sprintf("the page's modules: %v", err))
	}
	return template.HTML(`<script type="importmap">` + string(list) + `</script>`)
}
