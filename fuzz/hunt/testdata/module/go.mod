module raftcheck

go 1.26.0
