package mutant

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
)

// merger has the source of packages with many mutants in them. A function that mutants
// change is there once for each of them, and once as it was; one of its name calls that of
// the mutant whose number is in Mutant, a variable of each package.
type merger struct {
	files    map[string]*merged
	variants map[place]map[int]string // of each function, by the mutant's number
}

// place is a function in a file: its name, and the type of its receiver.
type place struct{ path, receiver, name string }

// merged is a file, cut into functions and the rest.
type merged struct {
	text      string
	offset    func(token.Pos) int
	functions []*ast.FuncDecl
	rest      string
	of        string // the package
}

func newMerger() *merger {
	return &merger{map[string]*merged{}, map[place]map[int]string{}}
}

// cut parses a file.
func cut(path, text string) (*merged, error) {
	set := token.NewFileSet()
	file, err := goparser.ParseFile(set, path, text, goparser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := &merged{text: text, of: file.Name.Name, offset: func(p token.Pos) int { return set.Position(p).Offset }}
	last := 0
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			c.functions = append(c.functions, f)
			c.rest += text[last:c.offset(f.Pos())]
			last = c.offset(f.End())
		}
	}
	c.rest += text[last:]
	return c, nil
}

// source returns the text of a node of the syntax.
func (c *merged) source(n ast.Node) string { return c.text[c.offset(n.Pos()):c.offset(n.End())] }

// place returns that of a function.
func (c *merged) place(path string, f *ast.FuncDecl) place {
	p := place{path: path, name: f.Name.Name}
	if f.Recv != nil {
		p.receiver = c.source(f.Recv.List[0].Type)
	}
	return p
}

// renamed returns the text of a function under a name.
func (c *merged) renamed(f *ast.FuncDecl, name string) string {
	from, to := c.offset(f.Name.Pos()), c.offset(f.Name.End())
	return c.text[c.offset(f.Pos()):from] + name + c.text[to:c.offset(f.End())]
}

// add adds a mutant, unless it changes more than the bodies of functions.
func (m *merger) add(number int, changed map[string][]byte) (added bool, err error) {
	variants := map[place]string{}
	for file, text := range changed {
		was, err := m.file(file)
		if err != nil {
			return false, err
		}
		is, err := cut(file, string(text))
		if err != nil {
			return false, err
		}
		if is.rest != was.rest || len(is.functions) != len(was.functions) {
			return false, nil
		}
		for i, f := range is.functions {
			old := was.functions[i]
			if is.source(f.Type) != was.source(old.Type) || f.Type.TypeParams != nil {
				return false, nil
			}
			if is.source(f) != was.source(old) {
				variants[was.place(file, old)] = is.renamed(f, variantName(f, number))
			}
		}
	}
	for at, text := range variants {
		if m.variants[at] == nil {
			m.variants[at] = map[int]string{}
		}
		m.variants[at][number] = text
	}
	return true, nil
}

// file returns a file as it is.
func (m *merger) file(path string) (*merged, error) {
	if m.files[path] == nil {
		text, err := source(path)
		if err != nil {
			return nil, err
		}
		if m.files[path], err = cut(path, string(text)); err != nil {
			return nil, err
		}
	}
	return m.files[path], nil
}

// variantName is the name of a function in a mutant; number 0 is none.
func variantName(f *ast.FuncDecl, number int) string {
	return fmt.Sprintf("%s_mutant%d", f.Name.Name, number)
}

// result returns the merged files, and those that declare Mutant.
func (m *merger) result() map[string][]byte {
	files := map[string][]byte{}
	for file, c := range m.files {
		var b strings.Builder
		last := 0
		for _, f := range c.functions {
			variants := m.variants[c.place(file, f)]
			if variants == nil {
				continue
			}
			b.WriteString(c.text[last:c.offset(f.Pos())])
			c.dispatch(&b, f, variants)
			last = c.offset(f.End())
		}
		b.WriteString(c.text[last:])
		files[file] = []byte(b.String())
		files[path.Dir(file)+"/mutant.go"] = []byte("package " + c.of + "\n\nvar Mutant int\n")
	}
	return files
}

// dispatch writes a function and its variants, and one of its name that calls them.
func (c *merged) dispatch(b *strings.Builder, f *ast.FuncDecl, variants map[int]string) {
	receiver, self := "", ""
	if f.Recv != nil {
		receiver, self = "(self "+c.source(f.Recv.List[0].Type)+") ", "self."
	}
	results, does := "", ""
	if f.Type.Results != nil {
		results, does = c.source(f.Type.Results), "return "
	}
	var parameters, arguments []string
	for _, field := range f.Type.Params.List {
		for range max(1, len(field.Names)) {
			name := fmt.Sprintf("p%d", len(arguments))
			parameters = append(parameters, name+" "+c.source(field.Type))
			if _, ok := field.Type.(*ast.Ellipsis); ok {
				name += "..."
			}
			arguments = append(arguments, name)
		}
	}
	call := func(number int) string {
		return fmt.Sprintf("%s%s%s(%s)", does, self, variantName(f, number), strings.Join(arguments, ", "))
	}
	numbers := slices.Sorted(maps.Keys(variants))
	fmt.Fprintf(b, "func %s%s(%s) %s {\n\tswitch Mutant {\n", receiver, f.Name.Name,
		strings.Join(parameters, ", "), results)
	for _, number := range numbers {
		fmt.Fprintf(b, "\tcase %d:\n\t\t%s\n", number, call(number))
	}
	fmt.Fprintf(b, "\tdefault:\n\t\t%s\n\t}\n}\n\n%s\n", call(0), c.renamed(f, variantName(f, 0)))
	for _, number := range numbers {
		fmt.Fprintf(b, "\n%s\n", variants[number])
	}
}
