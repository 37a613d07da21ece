META
key;value
description;Small budget
budget;2500
vote_type;approval
rule;greedy-custom
num_projects;2
num_votes;2
min_length;1
max_length;2
PROJECTS
project_id;cost;name
7;600;Swift boxes
8;2000;Meadow
VOTES
voter_id;vote
1;7,8
2;7
