package page

// Run is everything that a page shows of one run. Its JSON is the page's data: numbers of
// steps, messages and words count from 0 unless a field says otherwise.
type Run struct {
	Title string `json:"title"` // the name of the schedule's file
	// Schedule is the text of the schedule.
	Schedule string   `json:"-"`
	System   string   `json:"system"`
	Service  string   `json:"service"`
	Nodes    int      `json:"nodes"`
	PreVote  bool     `json:"prevote"`
	Prose    []string `json:"prose"`
	// Unlike is the reason for which another run of the schedule may differ, or "".
	Unlike string `json:"unlike,omitempty"`
	// Other says why the system is not judged by the rules of Raft's own, or is "".
	Other string `json:"-"`
	// Of a run of real servers: Live is set, Version is theirs, Counts says in how many runs
	// of so many each property was violated, Logs has the last lines of node i's log at
	// position i, and Left is how many usual calls are left out.
	Live    bool       `json:"live,omitempty"`
	Version string     `json:"version,omitempty"`
	Counts  []string   `json:"-"`
	Logs    [][]string `json:"-"`
	Left    int        `json:"-"`

	Outcome  string    `json:"outcome"` // "held", "violated" or "not checked"
	Lines    []string  `json:"lines"`   // the verdicts as a schedule file has them
	Verdicts []Verdict `json:"verdicts"`

	Steps      []Step      `json:"steps"`
	Messages   []Message   `json:"messages"`
	Operations []Operation `json:"operations"`
	Acts       []Act       `json:"acts"`
	// More is how many operations, besides those that clash, the search for few could not
	// leave out.
	More int `json:"more,omitempty"`

	// Fields names the numbers of a node, in the order of their numbers in a Change.
	Fields []string `json:"fields"`
	// Words has the texts that are named by number: configurations, commands, kinds of message.
	Words []string `json:"words"`

	// Enabled has the events that were enabled after the last step, as lines of a schedule.
	Enabled []string `json:"enabled,omitempty"`
}

// Verdict is the outcome of one property.
type Verdict struct {
	Property string `json:"property"`
	Rule     string `json:"rule"`
	Source   string `json:"source"`
	// Unlike is the reason for which another run of the schedule may differ, or "".
	Unlike  string `json:"unlike,omitempty"`
	Outcome string `json:"outcome"`
	Text    string `json:"text,omitempty"`
	Event   int    `json:"event,omitempty"` // as in [models.Verdict]
	Step    int    `json:"step"`            // at which it was violated; -1 if it was not
	At      string `json:"-"`               // the name of the step in links, such as 27.3
}

// Step is one plain event of the run, and its changes.
type Step struct {
	Event    int      `json:"e"`           // of the schedule, counted from 1; 0 is the boot of the cluster
	Line     string   `json:"l,omitempty"` // the plain event, if the schedule has another
	Head     string   `json:"h,omitempty"` // the schedule's event, at its first step
	Note     string   `json:"r,omitempty"` // the remark in front of the event
	Text     string   `json:"t,omitempty"` // its records, in the words of replay
	Node     int      `json:"n,omitempty"` // at which it happened
	Received int      `json:"m,omitempty"` // the message that arrived, counted from 1
	Quiet    int      `json:"q,omitempty"` // the ticks without effect that the step stands for
	Ignored  bool     `json:"i,omitempty"`
	At       int64    `json:"a,omitempty"` // of a run of real servers, in microseconds
	Usual    bool     `json:"u,omitempty"` // of such a run: nothing but usual calls happens
	Fault    string   `json:"f,omitempty"` // the kind of a fault: cut, mend, slow, crash, tear, ...
	Changes  []Change `json:"c,omitempty"`
	Cuts     *[]Link  `json:"x,omitempty"` // every link that is cut from now on, if that changed
	Slow     *[]Link  `json:"s,omitempty"` // every link that is slow or lossy from now on, if that changed
}

// Change has the changes of a step at a node.
type Change struct {
	Node   int      `json:"n"`
	Fields []uint64 `json:"f,omitempty"` // pairs of a field's number and its value
	// Log and Disk have the index up to which the log stayed as it was, and then pairs of
	// the term and the word of each entry after it. Log is the log in memory.
	Log  []uint64 `json:"l,omitempty"`
	Disk []uint64 `json:"d,omitempty"`
}

// Link is a one-way link.
type Link struct {
	From  int `json:"f"`
	To    int `json:"t"`
	Ticks int `json:"k,omitempty"` // its delay
	Lossy int `json:"y,omitempty"` // it loses every so many messages
}

// Fate is the end of a message.
type Fate uint8

// The fates. The zero value is a message that is on its way when the run ends.
const (
	OnItsWay  Fate = iota
	Arrived        // its receiver handled it
	Dropped        // its link lost it
	ReachedNo      // it arrived at a node that was down
	Spilled        // its link was full, or lossy
	NeverLeft      // it waited for a write, and its sender stopped
	Held           // it waits for a write when the run ends
)

// Message is a message from its making to its end.
type Message struct {
	From    int  `json:"f"`
	To      int  `json:"t"`
	Kind    int  `json:"k"`           // a word
	Text    int  `json:"d"`           // a word: the message as the system describes it
	Made    int  `json:"m"`           // the step in which its sender returned it
	Left    int  `json:"l"`           // the step in which it left, as the writes it waited for were durable
	End     int  `json:"e"`           // the step of its end; -1 if it has none
	Fate    Fate `json:"z,omitempty"` //
	CopyOf  int  `json:"c,omitempty"` // the message that it is a copy of, counted from 1
	Overrun bool `json:"o,omitempty"` // a later message of its link arrived before it
	// Promise has the term, the vote, and the last entry's term and index of its promise.
	Promise []uint64 `json:"p,omitempty"`
	payload uint64   // its hash
}

// Operation is an operation of a client.
type Operation struct {
	Client  int    `json:"c"`
	Seq     int    `json:"q"`
	Text    string `json:"t"`
	Kind    string `json:"k"` // call, read or leaseread
	Called  int    `json:"s"`
	Ended   int    `json:"e"` // -1 if the client waits when the run ends
	End     string `json:"z"` // returned, abandoned, expired, or "" if it waits
	Result  string `json:"r,omitempty"`
	By      int    `json:"b,omitempty"` // the node that answered
	Tries   []Try  `json:"y"`
	Refused bool   `json:"n,omitempty"` // every node that was asked rejected it: it never takes effect
	Effect  int    `json:"x"`           // the step in which it first took effect at some node; -1 if it did not
	At      int    `json:"a,omitempty"` // that node
	Index   uint64 `json:"i,omitempty"` // of its entry
	Point   int    `json:"p"`           // its place in the order of the log, as a step; -1 if there is none
	Order   int    `json:"o,omitempty"` // its number in that order
	Clashes bool   `json:"v,omitempty"` // it is among the few operations that have no order
	Shows   bool   `json:"w,omitempty"` // of those, its answer is the state before the others
	Usual   bool   `json:"u,omitempty"` // of a run of real servers: it is one of many like it
	Took    int64  `json:"d,omitempty"` // of such a run: the time to the answer in microseconds
	called  int64  // the time of the call
}

// Try is a request of a client to a node for its operation.
type Try struct {
	Step int `json:"s"`
	Node int `json:"n"`
}

// Act is a write of a worker to the database.
type Act struct {
	Client   int    `json:"c"`
	Token    uint64 `json:"k"`
	Sent     int    `json:"s"`
	Landed   int    `json:"e"` // -1 if it is under way when the run ends
	Accepted bool   `json:"a,omitempty"`
	Text     string `json:"t"`
	Usual    bool   `json:"u,omitempty"` // of a run of real servers: it is one of many like it
}
