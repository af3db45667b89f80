package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// site is a place in the source that can be changed, and one change of it.
type site struct {
	file       string // its name in the folder of the package
	line       int
	start, end int    // the bytes of the expression or statement
	instead    string // the expression that takes its place; "" leaves the statement out
	text       string // the change in words
}

// String returns the site as reports and arguments name it: without its line, which moves.
func (s *site) String() string { return s.file + ": " + s.text }

// finder collects the sites of one file.
type finder struct {
	file  string
	src   string
	fset  *token.FileSet
	sites []site
}

// sitesOf lists the sites of a package's files, in the order of their text, and returns the
// files.
func sitesOf(folder string) ([]site, map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, nil, err
	}
	var all []site
	files := map[string]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		f := finder{file: filepath.Base(path), src: string(src), fset: token.NewFileSet()}
		parsed, err := parser.ParseFile(f.fset, path, src, 0)
		if err != nil {
			return nil, nil, err
		}
		ast.Inspect(parsed, f.visit)
		files[f.file] = f.src
		all = append(all, f.sites...)
	}
	return all, files, nil
}

// visit adds the sites of a node. Constants and labels stay as they are.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok != token.CONST
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.replace(n, f.text(n.X))
		}
	case *ast.Ident:
		if other, ok := map[string]string{"true": "false", "false": "true"}[n.Name]; ok {
			f.replace(n, other)
		}
	case *ast.IfStmt:
		f.condition(n.Cond)
	case *ast.BlockStmt:
		f.statements(n.List)
	case *ast.CaseClause:
		f.statements(n.Body)
	}
	return true
}

// instead lists the operators that take the place of one.
var instead = map[token.Token][]token.Token{
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
}

// binary adds other comparisons, and each operand of && and || alone.
func (f *finder) binary(n *ast.BinaryExpr) {
	for _, op := range instead[n.Op] {
		f.replace(n, f.text(n.X)+" "+op.String()+" "+f.text(n.Y))
	}
	if n.Op == token.LAND || n.Op == token.LOR {
		f.add(n, f.text(n.X), "leave out "+n.Op.String()+" "+f.text(n.Y))
		f.add(n, f.text(n.Y), "leave out "+f.text(n.X)+" "+n.Op.String())
	}
}

// condition adds the negation of a condition that has no operator of its own.
func (f *finder) condition(n ast.Expr) {
	switch n.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr:
		f.replace(n, "!"+f.text(n))
	}
}

// statements adds each statement of a list that can be left out: the function still ends in
// a return, and every variable is declared and used.
func (f *finder) statements(list []ast.Stmt) {
	for i, n := range list {
		if f.canGo(n) {
			f.leaveOut(n)
		}
		if s, ok := n.(*ast.SwitchStmt); ok && i < len(list)-1 {
			f.returns(s)
		}
	}
}

// returns adds the returns that end the cases of a switch after which the function goes on.
func (f *finder) returns(s *ast.SwitchStmt) {
	for _, c := range s.Body.List {
		body := c.(*ast.CaseClause).Body
		if len(body) == 0 {
			continue
		}
		if r, ok := body[len(body)-1].(*ast.ReturnStmt); ok {
			f.leaveOut(r)
		}
	}
}

// canGo reports whether a statement can be left out, and is not the one that ends a function.
func (f *finder) canGo(n ast.Stmt) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return n.Tok != token.DEFINE
	case *ast.ExprStmt:
		return !strings.HasPrefix(f.text(n), "panic(")
	case *ast.IfStmt:
		return n.Else == nil
	case *ast.ForStmt:
		return n.Cond != nil
	case *ast.BranchStmt:
		return n.Tok == token.CONTINUE || n.Tok == token.BREAK
	case *ast.RangeStmt, *ast.IncDecStmt, *ast.DeferStmt:
		return true
	}
	return false
}

func (f *finder) offset(p token.Pos) int { return f.fset.Position(p).Offset }

func (f *finder) text(n ast.Node) string { return f.src[f.offset(n.Pos()):f.offset(n.End())] }

// leaveOut adds a statement that can be left out.
func (f *finder) leaveOut(n ast.Node) { f.add(n, "", "leave out "+f.text(n)) }

// replace adds an expression that another one can stand for.
func (f *finder) replace(n ast.Node, instead string) { f.add(n, instead, instead+" for "+f.text(n)) }

// add adds a site. An expression with a comment in it cannot be repeated on its line.
func (f *finder) add(n ast.Node, instead, text string) {
	if instead != "" && strings.Contains(f.text(n), "//") {
		return
	}
	f.sites = append(f.sites, site{
		file: f.file, line: f.fset.Position(n.Pos()).Line,
		start: f.offset(n.Pos()), end: f.offset(n.End()), instead: instead, text: oneLine(text),
	})
}

// oneLine is a text on one line, of at most 100 bytes.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 100 {
		return s[:97] + "..."
	}
	return s
}
