META
key;value
description;One tree
country;Veche
unit;Town
instance;2026
num_projects;2
num_votes;3
budget;1000,50
vote_type;choose-1
rule;greedy
PROJECTS
project_id;cost;category;selected
a/1;1000.50;"trees; old";1
b/2;400;;0
VOTES
voter_id;age;vote
v1;34;"a/1,b/2"
v2;;b/2
v3;70;
