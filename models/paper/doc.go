// Package paper is the algorithm of the Raft paper as guarded actions over plain values, to
// be read beside it. A [State] is a whole cluster. An action is a method that changes one
// node, or returns the guard that refused and changes nothing:
//
//	s := paper.New(raft.FirstNodes(3), raft.Configuration{Voters: raft.FirstNodes(3)}, false)
//	s.Timeout(1)       // "": node 1 is a candidate of term 1
//	s.BecomeLeader(1)  // "the votes for it that were said are no quorum"
//
// The actions, and the text that each one follows:
//
//	election.go   AskFirst                  thesis, section 9.6
//	              Timeout                   section 5.2; figure 2, Candidates
//	              UpdateTerm                section 5.1; figure 2, All Servers
//	              GrantVote, SayVote        sections 5.2 and 5.4.1; figure 2, RequestVote RPC
//	              BecomeLeader              section 5.2; section 6 for joint configurations
//	              Concede, StepDown         section 5.2; section 6, thesis 6.2
//	log.go        Append, Reconfigure       section 5.3; section 6
//	              Accept, SayStored         section 5.3; figure 2, AppendEntries RPC
//	              Persist, Restart          figure 2, persistent state
//	              Commit, LearnCommit       sections 5.3 and 5.4.2; figure 2, Leaders and All Servers
//	              Compact, Install          section 7, figure 13
//	client.go     AskRead, Answer, DoneRead section 8; thesis, section 6.4
//	              TimeoutNow                thesis, section 3.10
//
// Messages are no values of their own. A message that was sent may arrive at any time, any
// number of times, or never. So it is enough to remember the facts that were said in each
// term ([Term]): who stood for election with which log, who voted for whom, the leader's
// log, which part of it each node stored, and how much of it is committed. A leader's log
// only grows, so every AppendEntries of a term is a part of that one log.
//
// A fact is said only once it is durable: SayVote and SayStored come after GrantVote and
// Accept, and a crash in between may undo these. Time is no value either. A timeout may come
// at any time, and the rule that a node which hears from a leader grants no votes (section 6,
// last paragraph) is not here; nor are leases, except that only they answer without a round.
//
// The tests visit every state within bounds, and pin the numbers of states. The published
// number for Ongaro's specification is 6,425,257 states, of 49,455,516 generated, to a depth
// of 49. It is of TLC on the revision of O. Marcu (github.com/codeharris/raft.tla, README,
// March 2025). The bounds are three servers under symmetry, one request, one election after
// the first term, and one copy of a message. Restarts, losses and copies are off. Within the
// same bounds there are 82 states here, of 160 generated. The difference is in the state and
// not in the rules:
//
//   - There a state has every message ever sent, delivered or not. Here it has the facts.
//   - There nextIndex, the votes that came in, and each request and its answer are steps.
//     Here a leader may use any fact at any time.
//   - There the elections, the logs of voters and the logs that ever were are recorded for
//     the proof. Here the facts of a term have them.
//
// The specifications of etcd (etcd-io/raft, folder tla) publish no number. Those of CCF
// (microsoft/CCF, pull request 5973: 215 million states) are of another algorithm.
package paper
