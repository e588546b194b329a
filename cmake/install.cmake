# cmake --install PREFIX: the program, configurations, the Python tools and the documents.
# The program finds torch through its RPATH, the folder that it was built with.
set_target_properties(softbeam PROPERTIES
  INSTALL_RPATH "${SB_TORCH}/lib" INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS softbeam RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY configs tools DESTINATION ${CMAKE_INSTALL_DATADIR}/softbeam
        PATTERN __pycache__ EXCLUDE)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
