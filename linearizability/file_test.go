package linearizability

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const head = "model kv\nexpect linearizable\n\n"

func TestParse(t *testing.T) {
	text := "# A story.\n#\n#  Indented.\nmodel kv\nexpect not-linearizable\n\n" +
		"c1 3..17 x put 7 -> ok @5\nc2 5..? x put 8\nc30 6..? y_Z.-0 get @9\n" +
		"fault 4..9 node 2 cut off\nfault 0..0  x \n"
	f, err := Parse("story.txt", []byte(text))
	require.NoError(t, err)
	require.Equal(t, File{
		Prose: []string{"A story.", "", " Indented."}, Model: "kv", Expect: NotLinearizable,
		History: History{
			{Client: 1, Key: "x", Input: "put 7", Output: "ok", Call: 3, Return: 17, Position: 5},
			{Client: 2, Key: "x", Input: "put 8", Call: 5, Return: Pending},
			{Client: 30, Key: "y_Z.-0", Input: "get", Call: 6, Return: Pending, Position: 9},
		},
		Faults: []Fault{{4, 9, "node 2 cut off"}, {0, 0, " x "}},
	}, f)
	require.Equal(t, text, f.String())
}

func TestParse_errors(t *testing.T) {
	long := strings.Repeat("v", maxTokenBytes+1)
	tests := map[string]struct{ text, want string }{
		"empty": {"", `f:1: expected "model" and a name, found the end of the file`},
		"no model": {"expect linearizable\n",
			`f:1: expected "model" and a name, found "expect linearizable"`},
		"bad model":   {"model a/b\n", `f:1: expected the name of a model of letters`},
		"glued prose": {"#glued\n", `f:1: expected "#" alone or "# " and text, found "#glued"`},
		"empty prose": {"#\n# \n", `f:2: expected "#" alone`},
		"no expectation": {"model kv\n",
			`f:2: expected "expect linearizable", "expect not-linearizable" or an empty line`},
		"wrong expectation": {"model kv\nexpect not-checked\n", `an empty line, found "expect not-checked"`},
		"no empty line":     {"model kv\nexpect linearizable\n", "f:3: expected an empty line, found the end"},
		"no gap":            {"model kv\nexpect linearizable\nc1\n", `f:3: expected an empty line, found "c1"`},
		"cut off":           {head + "c1 0..1 x get -> 7", "f:4: expected a line feed behind the line"},
		"windows":           {"model kv\r\n", `found "kv\r"`},
		"two spaces":        {head + "c1 0..1 x put  7 -> ok\n", "f:4: expected a word of an input, found nothing"},
		"trailing space":    {head + "c1 0..1 x put 7 -> ok \n", `f:4: expected "-> output" if and only if`},
		"short":             {head + "c1 0..1 x\n", "f:4: expected a client, call..return, a key and an input"},
		"empty operation":   {head + "\n", "f:4: expected a client, call..return"},
		"prose inside":      {head + "# c1 0..1 x get\n", `f:4: expected a client like c1, found "#"`},
		"client 0":          {head + "c0 0..1 x get -> 7\n", `f:4: expected a client like c1, found "c0"`},
		"client 01":         {head + "c01 0..1 x get -> 7\n", `found "c01"`},
		"no client":         {head + "x1 0..1 x get -> 7\n", `found "x1"`},
		"one time":          {head + "c1 0 x get -> 7\n", `f:4: expected times like 3..17 or 3..?, found "0"`},
		"negative time":     {head + "c1 -1..1 x get -> 7\n", `found "-1..1"`},
		"too late":          {head + "c1 0..9223372036854775807 x get -> 7\n", "expected times like"},
		"far too late":      {head + "c1 0..9223372036854775808 x get -> 7\n", "expected times like"},
		"backwards": {head + "c2 0..1 x get -> 7\nc1 5..5 x get -> 7\n",
			"f:5: expected a client from 1, 0 <= call < return"},
		"at once": {head + "c1 0..0 x get -> 7\n", "f:4: expected a client from 1, 0 <= call < return"},
		"overlapping": {head + "c1 0..5 x get -> 7\nc1 4..6 x get -> 7\n",
			"f:5: expected one operation of a client at a time"},
		"pending answer": {head + "c1 0..? x get -> 7\n",
			`f:4: expected "-> output" if and only if the operation returned`},
		"no answer": {head + "c1 0..1 x get\n",
			`f:4: expected "-> output" if and only if the operation returned`},
		"only an answer": {head + "c1 0..1 x -> 7\n", "f:4: expected a word of an input, found nothing"},
		"place 0":        {head + "c1 0..1 x get -> 7 @0\n", `f:4: expected a position like @1, found "@0"`},
		"only a place":   {head + "c1 0..1 x @3\n", `f:4: expected "-> output" if`},
		"bad key":        {head + "c1 0..1 x/y get -> 7\n", `f:4: expected a key of letters`},
		"long key": {head + "c1 0..1 " + long + " get -> 7\n",
			"f:4: expected a key of at most 256 bytes, found 257"},
		"long word": {head + "c1 0..1 x put " + long + " -> ok\n",
			"expected a word of an input of at most 256 bytes"},
		"long output": {head + "c1 0..1 x get -> " + strings.Repeat("v", 1025) + "\n",
			"expected an output of at most 1024 bytes"},
		"many words": {head + "c1 0..1 x a b c d e -> ok\n",
			"f:4: expected an input of at most 4 words, found 5"},
		"fault in front": {head + "fault 1..2 x\nc1 0..1 x get -> 7\n",
			`f:5: expected another fault behind the first, found "c1 0..1 x get -> 7"`},
		"before a fault":     {head + "c1 5..5 x get -> 7\nfault 1..2 x\n", "f:4: expected a client from 1"},
		"fault":              {head + "fault\n", "f:4: expected a client, call..return"},
		"fault without text": {head + "fault 1..2\n", `f:4: expected a fault like 3..17 and a text`},
		"fault of one time":  {head + "fault 1 x\n", `f:4: expected a fault like 3..17 and a text, found "1 x"`},
		"fault backwards":    {head + "fault 2..1 x\n", `f:4: expected a fault like`},
		"fault with a zero":  {head + "fault 01..2 x\n", `f:4: expected a fault like`},
		"fault without end":  {head + "fault 1..? x\n", `f:4: expected a fault like`},
		"fault too late":     {head + "fault 1..9223372036854775807 x\n", `f:4: expected a fault like`},
		"long line": {"# " + strings.Repeat("v", maxLineBytes) + "\n",
			"f:1: expected a line of at most 4096 bytes, found 4098"},
		"long last line": {"# " + strings.Repeat("v", maxLineBytes),
			"f:1: expected a line of at most 4096 bytes, found 4098"},
		"large": {strings.Repeat("#\n", maxFileBytes/2) + "#",
			"f:1: expected a file of at most 16777216 bytes, found 16777217"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("f", []byte(test.text))
			require.ErrorContains(t, err, test.want)
			require.Zero(t, f)
		})
	}
}

func TestParse_withoutExpectation(t *testing.T) {
	const text = "model kv\n\nc1 0..1 x get -> nil\n"
	f, err := Parse("f", []byte(text))
	require.NoError(t, err)
	require.Equal(t, NotChecked, f.Expect, "the file does not say")
	require.Len(t, f.History, 1)
	require.Equal(t, text, f.String())
}

func TestParse_tooManyOperations(t *testing.T) {
	const line = "c1 0..? x g\n"
	_, err := Parse("f", []byte(head+strings.Repeat(line, maxOperations+1)))
	require.ErrorContains(t, err, "f:1000004: expected at most 1000000 operations, found another")
	f := File{Model: "kv", Expect: Linearizable, History: make(History, maxOperations+1)}
	_, err = f.AppendText(nil)
	require.ErrorContains(t, err, "expected at most 1000000 operations, found 1000001")
}

func TestFile_AppendText_refusesWhatParseWould(t *testing.T) {
	good := Operation{Client: 1, Key: "x", Input: "get", Output: "nil", Call: 0, Return: 1}
	file := func(change func(*File)) File {
		f := File{Prose: []string{"p"}, Model: "kv", Expect: Linearizable, History: History{good}}
		change(&f)
		return f
	}
	tests := map[string]struct {
		file File
		want string
	}{
		"two lines of prose": {file(func(f *File) { f.Prose[0] = "a\nb" }), "line 1: expected prose of one line"},
		"two lines of long prose": {file(func(f *File) { f.Prose[0] = "a\n" + strings.Repeat("b", maxLineBytes) }),
			"line 1: expected prose of one line"},
		"long prose": {file(func(f *File) { f.Prose[0] = strings.Repeat("a", maxLineBytes) }),
			"line 1: expected a line of at most 4096 bytes, found 4098"},
		"no model": {file(func(f *File) { f.Model = "" }),
			"line 2: expected the name of a model, found nothing"},
		"no verdict": {file(func(f *File) { f.Expect = 7 }),
			"line 3: expected linearizable or not-linearizable, found not-checked"},
		"key of two words": {file(func(f *File) { f.History[0].Key = "x y" }),
			`line 5: expected a key of letters`},
		"no output": {file(func(f *File) { f.History[0].Output = "" }),
			"line 5: expected an output, found nothing"},
		"fault of two lines": {file(func(f *File) { f.Faults = []Fault{{1, 2, "a\nb"}} }),
			`line 6: expected a fault like 3..17 and a text of one line, found 1..2 "a\nb"`},
		"fault backwards": {file(func(f *File) { f.Faults = []Fault{{2, 1, "a"}} }),
			"line 6: expected a fault like"},
		"no time": {file(func(f *File) { f.History[0].Return = 0 }), "line 5: expected a client from 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text, err := test.file.AppendText([]byte("kept"))
			require.ErrorContains(t, err, test.want)
			require.Equal(t, "kept", string(text))
			if parsed, err := Parse("f", []byte(test.file.String())); err == nil {
				require.NotEqual(t, test.file, parsed)
			}
		})
	}
}

func TestFile_AppendText_leavesOutWhatAPendingOperationHeard(t *testing.T) {
	f := File{Model: "kv", Expect: Linearizable, History: History{
		{Client: 1, Key: "x", Input: "get", Output: "two words", Call: 0, Return: Pending},
	}}
	text, err := f.AppendText(nil)
	require.NoError(t, err)
	require.Equal(t, head+"c1 0..? x get\n", string(text))
}

func TestFile_parsesWhatItPrints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := File{
			Prose:   rapid.SliceOf(rapid.StringMatching(`[^\n]{0,40}`)).Draw(t, "prose"),
			Model:   rapid.StringMatching(`[A-Za-z0-9_.-]{1,20}`).Draw(t, "model"),
			Expect:  rapid.SampledFrom([]Outcome{Linearizable, NotLinearizable}).Draw(t, "expect"),
			History: played(t, 8, "x", "y.Z_-9"),
		}
		if text := rapid.StringMatching(`[^\n]{0,40}`).Draw(t, "fault"); text != "" {
			f.Faults = []Fault{{rapid.Int64Range(0, 9).Draw(t, "start"), rapid.Int64Range(9, 99).Draw(t, "end"), text}}
		}
		if len(f.Prose) == 0 {
			f.Prose = nil
		}
		text, err := f.AppendText(nil)
		require.NoError(t, err)
		require.Equal(t, f.String(), string(text))
		parsed, err := Parse("f", text)
		require.NoError(t, err)
		require.Equal(t, f, parsed)
	})
}

// A file that Parse accepts is printed again byte for byte, and judged without a panic.
func FuzzParseHistory(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("..", "testdata", "histories", "*.txt"))
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("f", text)
		if err != nil {
			require.Regexp(t, `^f:[0-9]+: expected .*, found `, err.Error())
			return
		}
		require.True(t, bytes.Equal(text, []byte(file.String())))
		printed, err := file.AppendText(nil)
		require.NoError(t, err)
		again, err := Parse("f", printed)
		require.NoError(t, err)
		require.Equal(t, file, again)
		require.NoError(t, file.History.Validate())
		if CheckWitness(echo, file.History) == nil {
			require.Equal(t, Linearizable, Check(echo, file.History).Outcome)
		}
	})
}

// echo is a specification of any input: the answer is the last word of it.
var echo = Spec{
	Name: "echo",
	Step: func(_, input, output string, known bool) (string, bool) {
		last := input[strings.LastIndexByte(input, ' ')+1:]
		return last, !known || output == last
	},
}

// TestIsTokenByte: these bytes and no others are parts of a token.
func TestIsTokenByte(t *testing.T) {
	var got []byte
	for b := range 256 {
		if isTokenByte(byte(b)) {
			got = append(got, byte(b))
		}
	}
	require.Equal(t, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz", string(got))
}

func TestNumber(t *testing.T) {
	require.Equal(t, math.MaxInt, number(strconv.Itoa(math.MaxInt)))
	require.Equal(t, -1, number(strconv.FormatUint(math.MaxInt+1, 10)))
}
