extern int unused_here;
