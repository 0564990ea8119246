# Lets systemd-analyze read the unit, with the program that was built in place of the installed one,
# and holds its judgement of the sandbox against a bound. Manual pages that it names are not
# installed in a build tree: that complaint is left out.
file(MAKE_DIRECTORY ${FOLDER})
file(READ ${UNIT} text)
string(REPLACE ${INSTALLED} ${PROGRAM} text "${text}")
string(REGEX REPLACE "Documentation=[^\n]*\n" "" text "${text}")
cmake_path(GET UNIT FILENAME name)
set(files ${FOLDER}/${name})
file(WRITE ${FOLDER}/${name} "${text}")
if(TIMER)
  file(COPY ${TIMER} DESTINATION ${FOLDER})
  cmake_path(GET TIMER FILENAME timer)
  list(APPEND files ${FOLDER}/${timer})
endif()
execute_process(COMMAND ${ANALYZE} verify --man=no ${files}
  RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
if(NOT status EQUAL 0 OR out MATCHES "${name}")
  message(FATAL_ERROR "systemd-analyze verify (${status}):\n${out}")
endif()
execute_process(COMMAND ${ANALYZE} security --offline=true --threshold=13 ${FOLDER}/${name}
  RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "systemd-analyze security: exposed beyond 1.3:\n${out}")
endif()
