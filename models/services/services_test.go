package services_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/trial"
	"raftcheck/linearizability"
	"raftcheck/models/service"
	"raftcheck/models/services"
)

func TestAll(t *testing.T) {
	require.NoError(t, trial.ValidateServices(services.All()))
	require.Equal(t, "kv, election, election-unfenced, queue", services.All().Names())
}

// dice are choices of a fixed seed.
type dice struct{ *rand.Rand }

func (d dice) Below(n int) int { return d.IntN(n) }

// TestAll_drawsItsOperations: clients of each service draw operations that it reads, reads
// where a read is wanted, and its specification takes every answer of its machine.
func TestAll_drawsItsOperations(t *testing.T) {
	for _, svc := range services.All() {
		t.Run(svc.Name(), func(t *testing.T) {
			machine, spec, states := svc.NewMachine(), svc.Spec(), map[string]string{}
			c := &service.Caller{Source: dice{rand.New(rand.NewPCG(1, 2))}}
			reads, writes := 0, 0
			for now := range 3000 {
				c.Client, c.Reads, c.OneKey = uint32(1+now%3), now%5 == 0, now > 2000
				text := service.Draw(svc, c)
				op, err := svc.ParseOp(text)
				require.NoError(t, err)
				require.Equal(t, text, op.String())
				require.True(t, op.ReadOnly() || !c.Reads, text)
				require.Equal(t, op.ReadOnly(), spec.ReadOnly(op.Input()), text)
				if op.ReadOnly() {
					reads++
				} else {
					writes++
				}
				answer := machine.Apply(c.Client, uint64(now), op)
				state, seen := states[op.Key()]
				if !seen {
					state = spec.Init
				}
				next, ok := spec.Step(state, op.Input(), answer, true)
				require.True(t, ok, "%s: %s in %q", text, answer, state)
				states[op.Key()] = next
				c.History = append(c.History, linearizability.Operation{
					Client: int(c.Client), Key: op.Key(), Input: op.Input(), Output: answer,
					Call: int64(now), Return: int64(now + 1),
				})
			}
			require.Greater(t, reads, 500)
			require.Greater(t, writes, 1000)
			require.NoError(t, svc.NewMachine().Restore(machine.AppendState(nil)))
		})
	}
}

// TestAll_examples: the first example is no read, all can be read back, and what is simpler
// than an example ends somewhere.
func TestAll_examples(t *testing.T) {
	for _, svc := range services.All() {
		for i, op := range svc.Examples("c16.4294967295") {
			require.True(t, i > 0 || !op.ReadOnly(), op.String())
			again, err := svc.ParseOp(op.String())
			require.NoError(t, err)
			require.Equal(t, op, again)
			list := service.Simpler(svc, op.String())
			for range 10 {
				if len(list) == 0 {
					break
				}
				list = service.Simpler(svc, list[0])
			}
			require.Empty(t, list, op.String())
		}
	}
}

// TestImports: packages faults and fuzz know no service. Programs and tests hand them in.
func TestImports(t *testing.T) {
	files := 0
	for _, root := range []string{"../../faults", "../../fuzz"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "fixture" || isModule(path)):
				return filepath.SkipDir // package fixture is for tests alone, and a module of its own is a program
			case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			files++
			return imports(t, path)
		}))
	}
	require.Greater(t, files, 60)
}

// isModule reports whether a folder is a module of its own.
func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// imports reports the services that a file imports.
func imports(t *testing.T, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	for _, spec := range file.Imports {
		name := strings.Trim(spec.Path.Value, `"`)
		switch rest, ok := strings.CutPrefix(name, "raftcheck/models/"); {
		case !ok, rest == "service", rest == "session", rest == "trace":
		default:
			t.Errorf("%s imports %s, which a program hands in", path, name)
		}
	}
	return nil
}
