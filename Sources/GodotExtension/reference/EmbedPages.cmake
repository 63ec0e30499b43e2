# Writes pages.c: the texts of files, each with a zero at its end.
#   cmake -DPAGES=<files> -DOUTPUT=<file> -P EmbedPages.cmake
# The files are ASCII, so each byte fits a char.
set(text "/* Written by EmbedPages.cmake. */\n#include \"reference.h\"\n")
set(names)
foreach(page IN LISTS PAGES)
  get_filename_component(name ${page} NAME_WE)
  file(READ ${page} content HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," content "${content}")
  string(APPEND text "\nstatic const char ${name}[] = {${content}0};\n")
  list(APPEND names ${name})
endforeach()
list(APPEND names NULL)
list(JOIN names ", " names)
string(APPEND text "\nconst char *const spsi_godot_pages[] = {${names}};\n")
file(WRITE ${OUTPUT} "${text}")
